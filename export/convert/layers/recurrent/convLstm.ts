import { z } from 'zod';
import type { Dimension, Value } from '../../../onnx/value.ts';
import { type Activation, activate, activationOr } from '../../activations.ts';
import { LayerProblem } from '../../keras/problem.ts';
import { defineLayer, expectRank, knownSize, type LayerCall, type LayerWeights } from '../../layer.ts';
import type { Nodes } from '../../nodes.ts';
import { dataFormat, flag, padding, perDirection } from '../../settings.ts';
import { inOrder, permute, type Tensor } from '../../tensor.ts';
import { placeWindow } from '../../window.ts';
import type { Cell } from './cell.ts';
import { lstmStates } from './gates.ts';
import { type HalfResult, reversed, sequenceSchema } from './layers.ts';
import { walk } from './run.ts';

export const convLstmSchema = sequenceSchema.extend({
  filters: z.number().int().positive(),
  kernel_size: perDirection(2),
  strides: perDirection(2, 1),
  dilation_rate: perDirection(2, 1),
  padding,
  data_format: dataFormat,
  use_bias: flag(true),
  activation: activationOr('tanh'),
  recurrent_activation: activationOr('hard_sigmoid'),
});

/** An LSTM whose products are convolutions. */
export const convLstm2d = defineLayer({
  config: convLstmSchema,
  masking: ({ config, masks }) => (config.return_sequences ? (masks[0] ?? null) : null),
  convert: (call) => {
    const { config, inputs, weights } = call;
    const { output, states } = walkPictures(call, {
      config,
      weights,
      states: inputs.slice(1),
      backwards: config.go_backwards,
    });
    const ordered = config.return_sequences && config.go_backwards ? reversed(call, output) : output;
    return config.return_state ? [ordered, ...states] : ordered;
  },
});

interface Half {
  config: z.infer<typeof convLstmSchema>;
  weights: LayerWeights;
  states: Tensor[];
  backwards: boolean;
}

/** One direction of a recurrent layer over pictures. */
export function walkPictures(
  call: LayerCall<unknown>,
  { config, weights, states: given, backwards }: Half,
): HalfResult {
  expectRank(call, 5);
  const { nodes, input, mask, name, warn } = call;
  if (mask) throw new LayerProblem(name, 'ConvLSTM2D reads a mask; tfjs itself fails there');
  if (config.stateful)
    warn('it is stateful: here each run begins with states of zero, as tfjs does after resetStates().');
  const first = config.data_format === 'channels_first';
  const sequenceOrder = first ? [1, 0, 2, 3, 4] : [1, 0, 4, 2, 3];
  const stateOrder = first ? [0, 1, 2, 3] : [0, 3, 1, 2];
  const x = nodes.arrange(input, sequenceOrder);
  const [, , channels, ...lengths] = x.shape as [Dimension, Dimension, Dimension, ...Dimension[]];
  const sizes = lengths.map((length) => knownSize(length, 'the sizes of its pictures', call));
  const { filters, kernel_size: size, strides, dilation_rate: dilations } = config;
  const inputSize = knownSize(channels, 'how many channels its input has', call);
  const kernel = (part: string, inside: number) =>
    weights.constant(part, () => {
      const shape = [...size, inside, 4 * filters];
      return {
        data: permute(weights.get(part, shape).data, shape, [3, 2, 0, 1]),
        shape: [4 * filters, inside, ...size],
      };
    });
  const bias = config.use_bias
    ? [weights.constant('bias', () => ({ data: weights.get('bias', [4 * filters]).data, shape: [4 * filters] }))]
    : [];
  const outer = placeWindow(sizes, { size, strides, dilations, padding: config.padding });
  const stateSizes = sizes.map((length, i) => {
    const [stride, reach] = [strides[i] as number, ((size[i] as number) - 1) * (dilations[i] as number) + 1];
    return config.padding === 'same' ? Math.ceil(length / stride) : Math.floor((length - reach) / stride) + 1;
  });
  const inner = placeWindow(stateSizes, { size, strides: [1, 1], padding: 'same' });
  const apply = (inside: Nodes, value: Value, activation: Activation) =>
    activate(inside, inOrder(value, stateOrder), activation).value;
  const cell: Cell = {
    states: [
      [filters, ...stateSizes],
      [filters, ...stateSizes],
    ],
    step(inside, now, [h, c]) {
      const seen = inside.op('Conv', [now, kernel('kernel', inputSize), ...bias], outer);
      const kept = inside.op('Conv', [h as Value, kernel('recurrent_kernel', filters)], inner);
      const all = inside.op('Add', [seen, kept]);
      const parts = inside.ops('Split', [all, inside.integers(filters, filters, filters, filters)], { axis: 1 });
      const [i, f, g, o] = parts as [Value, Value, Value, Value];
      return lstmStates(
        inside,
        { i, f, g, o, c: c as Value },
        {
          gate: (value) => apply(inside, value, config.recurrent_activation),
          activation: (value) => apply(inside, value, config.activation),
        },
      );
    },
  };
  const walked = walk({
    nodes,
    cell,
    x,
    initial: given.map((state) => nodes.arrange(state, stateOrder)),
    mask: null,
    backwards,
    sequences: config.return_sequences,
  });
  const states = walked.states.map((state) => inOrder(state, stateOrder));
  return { output: walked.outputs ? inOrder(walked.outputs, sequenceOrder) : (states[0] as Tensor), states };
}
