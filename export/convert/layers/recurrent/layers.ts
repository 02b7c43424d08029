import { z } from 'zod';
import type { Dimension, Value } from '../../../onnx/value.ts';
import { LayerProblem } from '../../keras/problem.ts';
import { knownSize, type LayerCall, type LayerConverter, type LayerWeights, type Mask } from '../../layer.ts';
import { flag } from '../../settings.ts';
import { inOrder, plain, rankOf, shapeOf, type Tensor, timeFirst } from '../../tensor.ts';
import { cellProblem, makeCell } from './cells.ts';
import { walk } from './run.ts';

export const sequenceSchema = z.object({
  return_sequences: flag(false),
  return_state: flag(false),
  go_backwards: flag(false),
  stateful: flag(false),
});

export interface Half {
  /** `LSTM`, or another recurrent class. */
  className: string;
  config: Record<string, unknown>;
  weights: LayerWeights;
  states: Tensor[];
  backwards: boolean;
}

export interface HalfResult {
  /** Every step in the order of the input, or the last alone. */
  output: Tensor;
  states: Tensor[];
}

/** One direction of a recurrent layer over rows. */
export function walkRows(
  call: LayerCall<unknown>,
  { className, config, weights, states, backwards }: Half,
): HalfResult {
  const { nodes, input, mask, name, warn } = call;
  if (rankOf(input) !== 3) {
    throw new LayerProblem(
      name,
      `${className} takes samples of steps of numbers but its input has [${shapeOf(input).join(', ')}]`,
    );
  }
  const { return_sequences, stateful } = sequenceSchema.parse(config);
  if (stateful) warn('it is stateful: here each run begins with states of zero, as tfjs does after resetStates().');
  const inputSize = knownSize(shapeOf(input)[2], 'how many numbers each step has', call);
  const cell = makeCell(className, config, { name, weights, inputSize });
  if (states.length > 0 && states.length !== cell.states.length) {
    throw new LayerProblem(name, `${className} has ${cell.states.length} states but is given ${states.length}`);
  }
  const x = nodes.arrange(input, timeFirst(3));
  const walked = walk({
    nodes,
    cell,
    x,
    initial: states.map((state) => nodes.plain(state)),
    mask: stepMask(call, mask, x, backwards),
    backwards,
    sequences: return_sequences,
  });
  const output = walked.outputs ? inOrder(walked.outputs, timeFirst(3)) : plain(walked.states[0] as Value);
  return { output, states: walked.states.map(plain) };
}

/**
 * `[T, B]`, of as many steps as the sequence: a mask that tfjs hands on from before a layer that shortens is longer, and its recurrent
 * layers read as many steps of it as they walk, from the end where they go backwards.
 *
 * @param x `[T, B, …]`.
 */
export function stepMask(
  { nodes, name, layer }: LayerCall<unknown>,
  mask: Mask,
  x: Value,
  backwards: boolean,
): Value | null {
  if (!mask) return null;
  const fail = (why: string) => {
    throw new LayerProblem(name, `${layer.className} reads a mask ${why}; tfjs itself fails there`);
  };
  if (mask === 'unusable') return fail('that comes from merged tensors');
  const steps = nodes.arrange(plain(mask), [1, 0]);
  const [length, needed] = [steps.shape[0], x.shape[0]];
  if (length === needed) return steps;
  if (typeof length === 'number' && typeof needed === 'number' && length < needed)
    return fail(`of ${length} steps for ${needed}`);
  const countOf = (value: Value) => {
    const [size] = value.shape as [Dimension];
    return typeof size === 'number' ? nodes.integers(size) : nodes.op('Shape', [value], { start: 0, end: 1 }, 'steps');
  };
  const end = backwards ? countOf(steps) : countOf(x);
  const both = typeof length === 'number' && typeof needed === 'number' ? nodes.integers(length - needed) : null;
  const from = backwards ? (both ?? nodes.op('Sub', [end, countOf(x)])) : nodes.integers(0);
  return nodes.op('Slice', [steps, from, end, nodes.integers(0)], {}, 'mask');
}

/** tfjs gives the steps as they were walked: a layer that goes backwards gives the last first. */
export function reversed(call: LayerCall<unknown>, { value, order }: Tensor): Tensor {
  const { nodes } = call;
  const time = order.indexOf(1);
  const inputs = [value, nodes.integers(-1), nodes.integers(-(2 ** 31 - 1)), nodes.integers(time), nodes.integers(-1)];
  return inOrder(nodes.op('Slice', inputs, {}, 'backwards'), order);
}

/** The mask of the first input goes on with the sequence. */
export function sequenceMask({ config, masks }: { config: Record<string, unknown>; masks: Mask[] }): Mask {
  return config.return_sequences ? (masks[0] ?? null) : null;
}

/** `SimpleRNN`, `GRU`, `LSTM`, and `RNN` around a cell or a stack of cells. */
export const recurrent: LayerConverter = {
  masking: sequenceMask,
  problem: ({ className, config }) => {
    const result = sequenceSchema.safeParse(config);
    return result.success ? cellProblem(className, config) : z.prettifyError(result.error);
  },
  convert: (call) => {
    const { layer, inputs, weights } = call;
    const { return_sequences, return_state, go_backwards } = sequenceSchema.parse(layer.config);
    const { output, states } = walkRows(call, {
      className: layer.className,
      config: layer.config,
      weights,
      states: inputs.slice(1),
      backwards: go_backwards,
    });
    const ordered = return_sequences && go_backwards ? reversed(call, output) : output;
    return return_state ? [ordered, ...states] : ordered;
  },
};
