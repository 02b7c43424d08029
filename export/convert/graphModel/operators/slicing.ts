import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import type { Nodes } from '../../nodes.ts';
import { axisIn, inOrder, mostCommon, rankOf, shapeOf, type Tensor } from '../../tensor.ts';
import { positive, squeezed, unsqueezed, without } from '../axes.ts';
import {
  asIntegers,
  defineOperator,
  type OperatorCall,
  type OperatorConverter,
  OperatorProblem,
  ofOneType,
} from '../operator.ts';

// Operators that take tensors apart and join them.

/** What is reached by "to the end". */
const end = 2 ** 31 - 1;

interface Part {
  axis: number;
  /** A number, or one of a list that the graph computes. */
  from: number | Value;
  to: number | Value;
  step: number;
}

/** Cuts along several axes at once. */
function slice(nodes: Nodes, tensor: Tensor, parts: Part[]): Tensor {
  const moving = parts.filter(({ from, to, step }) => !(from === 0 && to === end && step === 1));
  if (moving.length === 0) return tensor;
  const list = (values: (number | Value)[]): Value => {
    if (values.every((value) => typeof value === 'number')) return nodes.integers(...(values as number[]));
    const ones = values.map((value) => (typeof value === 'number' ? nodes.integers(value) : value));
    return nodes.op('Concat', ones, { axis: 0 }, 'places');
  };
  const inputs = [
    tensor.value,
    list(moving.map(({ from }) => from)),
    list(moving.map(({ to }) => to)),
    nodes.integers(...moving.map(({ axis }) => axisIn(tensor, axis))),
  ];
  const steps = moving.map(({ step }) => step);
  if (steps.some((step) => step !== 1)) inputs.push(nodes.integers(...steps));
  return inOrder(nodes.op('Slice', inputs), tensor.order);
}

/** The entries of a list of places: numbers where they are known, else what the graph computes, int64 `[1]` each. */
function entries(call: OperatorCall<unknown>, index: number, count: number): (number | Value)[] {
  const { nodes } = call;
  const known = call.sizes(index);
  return Array.from({ length: count }, (_, i) => {
    const entry = known?.[i];
    if (typeof entry === 'number') return entry;
    return nodes.op('Slice', [asIntegers(call, index), nodes.integers(i), nodes.integers(i + 1)], {}, 'place');
  });
}

const sliced = defineOperator({
  convert: (call) => {
    const { nodes, input } = call;
    const rank = rankOf(input);
    const [from, size] = [entries(call, 1, rank), entries(call, 2, rank)];
    const parts = from.map((begin, axis): Part => {
      const length = size[axis] as number | Value;
      if (length === -1) return { axis, from: begin, to: end, step: 1 };
      if (typeof begin === 'number' && typeof length === 'number') {
        const whole = begin === 0 && shapeOf(input)[axis] === length;
        return { axis, from: begin, to: whole ? end : begin + length, step: 1 };
      }
      const both = [begin, length].map((value) => (typeof value === 'number' ? nodes.integers(value) : value));
      return { axis, from: begin, to: nodes.op('Add', both, {}, 'end'), step: 1 };
    });
    return slice(nodes, input, parts);
  },
});

const mask = z.number().default(0);
const has = (bits: number, at: number) => (bits & (1 << at)) !== 0;

/** Python's `x[a:b:c, ..., None, d]`. */
const stridedSlice = defineOperator({
  attributes: z.object({
    begin_mask: mask,
    end_mask: mask,
    ellipsis_mask: mask,
    new_axis_mask: mask,
    shrink_axis_mask: mask,
  }),
  convert: (call) => {
    const { nodes, input, numbers, attributes: masks } = call;
    const steps = numbers(3, 'the steps');
    const count = steps.length;
    const [begins, ends] = [entries(call, 1, count), entries(call, 2, count)];
    const given = Array.from({ length: count }, (_, i) => i);
    const taking = given.filter((i) => !has(masks.ellipsis_mask, i) && !has(masks.new_axis_mask, i)).length;
    const skipped = rankOf(input) - taking;
    if (skipped < 0) throw new OperatorProblem(`it names ${taking} of ${rankOf(input)} axes`);
    const parts: Part[] = [];
    const gone: number[] = [];
    const added: number[] = [];
    let [axis, place] = [0, 0]; // of the input, and of the result
    for (const i of given) {
      if (has(masks.ellipsis_mask, i)) {
        axis += skipped;
        place += skipped;
        continue;
      }
      if (has(masks.new_axis_mask, i)) {
        added.push(place++);
        continue;
      }
      const [begin, step] = [begins[i] as number | Value, steps[i] as number];
      if (has(masks.shrink_axis_mask, i)) {
        parts.push({ axis, from: begin, to: next(nodes, begin), step: 1 });
        gone.push(axis++);
        continue;
      }
      const from = has(masks.begin_mask, i) ? (step > 0 ? 0 : end) : begin;
      const to = has(masks.end_mask, i) ? (step > 0 ? end : -end) : (ends[i] as number | Value);
      const whole = from === 0 && step === 1 && typeof to === 'number' && to === shapeOf(input)[axis];
      parts.push({ axis, from, to: whole ? end : to, step });
      axis++;
      place++;
    }
    const cut = squeezed(nodes, slice(nodes, input, parts), gone);
    return added.length > 0 ? unsqueezed(nodes, cut, added) : cut;
  },
});

/** The place behind one. */
function next(nodes: Nodes, begin: number | Value): number | Value {
  if (typeof begin === 'number') return begin === -1 ? end : begin + 1;
  return nodes.op('Add', [begin, nodes.integers(1)], {}, 'next');
}

/** One order and one type for all. */
function aligned(nodes: Nodes, inputs: Tensor[]): { values: Value[]; order: number[] } {
  const typed = ofOneType(nodes, inputs);
  const moving = typed.filter(({ value }) => !nodes.graph.constantData(value));
  const order = mostCommon((moving.length > 0 ? moving : typed).map((input) => input.order)) as number[];
  return { values: typed.map((input) => nodes.arrange(input, order)), order };
}

function concatenated(nodes: Nodes, inputs: Tensor[], axis: number): Tensor {
  const [first] = inputs as [Tensor];
  if (inputs.length === 1) return first;
  const rank = rankOf(first);
  if (inputs.some((input) => rankOf(input) !== rank))
    throw new OperatorProblem(
      `it joins tensors of as many dimensions but has ${inputs.map((input) => `[${shapeOf(input).join(', ')}]`).join(' and ')}`,
    );
  const { values, order } = aligned(nodes, inputs);
  return inOrder(nodes.op('Concat', values, { axis: axisIn({ order }, positive(axis, rank)) }), order);
}

const concat = (axisFirst: boolean) =>
  defineOperator({
    convert: ({ nodes, inputs, numbers }) => {
      const [axis] = numbers(axisFirst ? 0 : inputs.length - 1, 'the axis') as [number];
      return concatenated(nodes, axisFirst ? inputs.slice(1) : inputs.slice(0, -1), axis);
    },
  });

const axisAttribute = z.object({ axis: z.number().default(0) });

const pack = defineOperator({
  attributes: axisAttribute,
  convert: ({ nodes, inputs, attributes }) => {
    const axis = positive(attributes.axis, rankOf(inputs[0] as Tensor) + 1);
    return concatenated(
      nodes,
      inputs.map((input) => unsqueezed(nodes, input, [axis])),
      axis,
    );
  },
});

const unpack = defineOperator({
  attributes: axisAttribute,
  convert: ({ nodes, input, attributes }) => {
    const axis = positive(attributes.axis, rankOf(input));
    const count = shapeOf(input)[axis];
    if (typeof count !== 'number') throw new OperatorProblem('how many results it gives is known to a run alone');
    const order = without(input.order, [axis]);
    const at = axisIn(input, axis);
    return Array.from({ length: count }, (_, i) =>
      inOrder(nodes.op('Gather', [input.value, nodes.integer(i)], { axis: at }), order),
    );
  },
});

function split(nodes: Nodes, input: Tensor, axis: number, sizes: number[]): Tensor[] {
  const at = axisIn(input, axis);
  if (sizes.length === 1) return [input];
  const values = nodes.ops('Split', [input.value, nodes.integers(...sizes)], { axis: at });
  return values.map((value) => inOrder(value, input.order));
}

const splitEvenly = defineOperator({
  attributes: z.object({ num_split: z.number().int().positive() }),
  convert: ({ nodes, inputs, numbers, attributes: { num_split: count } }) => {
    const [axis] = numbers(0, 'the axis') as [number];
    const input = inputs[1] as Tensor;
    const at = positive(axis, rankOf(input));
    const length = shapeOf(input)[at];
    if (typeof length !== 'number') throw new OperatorProblem('the size that it splits is known to a run alone');
    return split(nodes, input, at, Array<number>(count).fill(length / count));
  },
});

const splitAt = defineOperator({
  convert: ({ nodes, input, numbers }) => {
    const sizes = numbers(1, 'the sizes of the parts');
    const [axis] = numbers(2, 'the axis') as [number];
    const at = positive(axis, rankOf(input));
    const rest = (shapeOf(input)[at] as number) - sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
    return split(
      nodes,
      input,
      at,
      sizes.map((size) => (size < 0 ? rest : size)),
    );
  },
});

function reversed(nodes: Nodes, input: Tensor, axes: number[]): Tensor {
  return slice(
    nodes,
    input,
    axes.map((axis) => ({ axis: positive(axis, rankOf(input)), from: end, to: -end, step: -1 })),
  );
}

export const slicing: Record<string, OperatorConverter> = {
  Concat: concat(true),
  ConcatV2: concat(false),
  Pack: pack,
  Reverse: defineOperator({
    convert: ({ nodes, input, numbers }) => {
      const turned = numbers(1, 'which axes it turns').flatMap((turn, axis) => (turn ? [axis] : []));
      return reversed(nodes, input, turned);
    },
  }),
  ReverseV2: defineOperator({
    convert: ({ nodes, input, numbers }) => reversed(nodes, input, numbers(1, 'the axes')),
  }),
  Slice: sliced,
  Split: splitEvenly,
  SplitV: splitAt,
  StridedSlice: stridedSlice,
  Unpack: unpack,
};
