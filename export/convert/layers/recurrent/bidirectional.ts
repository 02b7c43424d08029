import { z } from 'zod';
import { activationLayers } from '../../activationLayers.ts';
import { LayerProblem } from '../../keras/problem.ts';
import type { LayerCall, LayerConverter } from '../../layer.ts';
import { inOrder, rankOf, type Tensor } from '../../tensor.ts';
import { cellProblem, recurrentClasses } from './cells.ts';
import { convLstmSchema, walkPictures } from './convLstm.ts';
import { type HalfResult, reversed, sequenceMask, sequenceSchema, walkRows } from './layers.ts';

const schema = z.object({ merge_mode: z.enum(['concat', 'sum', 'ave', 'mul']).nullish() });

/** A recurrent layer walked both ways. As in tfjs, both halves have the settings of the one that is written. */
export const bidirectional: LayerConverter = {
  masking: ({ config, ...rest }) => sequenceMask({ ...rest, config: innerConfig(config) }),
  problem: ({ config, inner }) => {
    const result = schema.safeParse(config);
    if (!result.success) return z.prettifyError(result.error);
    if (inner?.className === 'ConvLSTM2D') {
      const pictures = convLstmSchema.safeParse(inner.config);
      return pictures.success ? null : z.prettifyError(pictures.error);
    }
    if (!inner || !recurrentClasses.includes(inner.className))
      return `it holds ${inner?.className ?? 'no layer'} and not ${recurrentClasses.join(', ')} or ConvLSTM2D`;
    return cellProblem(inner.className, inner.config);
  },
  convert: (call) => {
    const { layer, inputs, weights, name, warn } = call;
    const { inner, config } = layer;
    if (!inner) throw new LayerProblem(name, 'Bidirectional holds no layer');
    const mode = config.merge_mode === undefined ? 'concat' : schema.parse(config).merge_mode;
    const { return_state, return_sequences, go_backwards } = sequenceSchema.parse(inner.config);
    if (differs(config.backward_layer, inner.config)) {
      warn(
        'tfjs gives its backward layer the settings of the forward one, and so does this file; Keras gives it its own.',
      );
    }
    const settings = asWritten(inner.config);
    if (JSON.stringify(settings) !== JSON.stringify(inner.config)) {
      warn('tfjs forgets the settings of a layer as an activation here, and so does this file; Keras keeps them.');
    }
    const states = inputs.slice(1);
    const backwardName = configOf(config.backward_layer)?.name;
    const ownName = {
      forward: inner.name.startsWith('forward_') ? inner.name : undefined, // else it is the layer's before it was doubled
      backward: typeof backwardName === 'string' ? backwardName : undefined,
    };
    const half = (half: 'forward' | 'backward', backwards: boolean, own: Tensor[]) => {
      const part = { ...call, nodes: call.nodes.under(half) };
      const named = ownName[half];
      const begins = named ? [half, named] : [half];
      const options = { weights: weights.of({ half: { begins, own: named } }), states: own, backwards };
      if (inner.className === 'ConvLSTM2D')
        return walkPictures(part, { ...options, config: convLstmSchema.parse(settings) });
      return walkRows(part, { ...options, className: inner.className, config: settings });
    };
    const there = half('forward', go_backwards, states.slice(0, states.length / 2));
    const back = half('backward', !go_backwards, states.slice(states.length / 2));
    // tfjs turns the second half alone: where the first goes backwards, all stands from the last step to the first.
    const turned = return_sequences && go_backwards;
    const merged = merge(call, mode ?? null, there, back).map((tensor) => (turned ? reversed(call, tensor) : tensor));
    return return_state ? [...merged, ...there.states, ...back.states] : merged;
  },
};

/** Whether a backward layer that Keras writes computes otherwise than the forward one. */
function differs(backward: unknown, forward: Record<string, unknown>): boolean {
  const config = configOf(backward);
  if (!config) return false;
  const settings = ['units', 'activation', 'recurrent_activation', 'use_bias', 'return_sequences'];
  return settings.some((setting) => JSON.stringify(config[setting]) !== JSON.stringify(forward[setting]));
}

/** tfjs makes both halves of the settings as it writes them: of a layer in the place of an activation, its class alone. */
function asWritten(config: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(config).map(([key, value]) => {
    const { class_name = '' } = (/activation$/.test(key) && value ? value : {}) as { class_name?: string };
    return [key, Object.hasOwn(activationLayers, class_name) ? class_name : value];
  });
  return Object.fromEntries(entries);
}

function innerConfig(config: Record<string, unknown>): Record<string, unknown> {
  return configOf(config.layer) ?? {};
}

function configOf(layer: unknown): Record<string, unknown> | undefined {
  return (layer as { config?: Record<string, unknown> } | null | undefined)?.config;
}

function merge({ nodes }: LayerCall<unknown>, mode: string | null, there: HalfResult, back: HalfResult): Tensor[] {
  if (mode === null) return [there.output, back.output];
  const { order } = there.output;
  const values = [there.output.value, nodes.arrange(back.output, order)];
  if (mode === 'concat')
    return [inOrder(nodes.op('Concat', values, { axis: order.indexOf(rankOf(there.output) - 1) }), order)];
  if (mode === 'mul') return [inOrder(nodes.op('Mul', values), order)];
  const sum = nodes.op('Add', values);
  return [inOrder(mode === 'ave' ? nodes.op('Mul', [sum, nodes.scalar(0.5)]) : sum, order)];
}
