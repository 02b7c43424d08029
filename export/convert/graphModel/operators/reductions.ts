import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import type { Nodes } from '../../nodes.ts';
import { axisIn, channelsFirst, inOrder, rankOf, sameOrder, type Tensor } from '../../tensor.ts';
import { positive, squeezed, without } from '../axes.ts';
import { defineOperator, type OperatorCall, type OperatorConverter, withType } from '../operator.ts';

// Operators that leave one number of many.

const keep = z.object({ keep_dims: z.boolean().default(false) });
type Keep = z.infer<typeof keep>;

/** @param reduce over axes as they stand in the value. */
function over(
  { attributes, numbers, nodes }: OperatorCall<Keep>,
  input: Tensor,
  reduce: (value: Value, axes: number[], keepdims: number) => Value,
): Tensor {
  const axes = [...new Set(numbers(1, 'the axes').map((axis) => positive(axis, rankOf(input))))];
  if (axes.length === 0) return input;
  const places = axes.map((axis) => axisIn(input, axis)).sort((a, b) => a - b);
  if (isOverPixels(input, places)) {
    const kept = inOrder(reduce(input.value, places, 1), input.order);
    return attributes.keep_dims ? kept : squeezed(nodes, kept, axes);
  }
  const value = reduce(input.value, places, attributes.keep_dims ? 1 : 0);
  return inOrder(value, attributes.keep_dims ? input.order : without(input.order, axes));
}

/** All pixels of channels that stand before them: what ONNX calls global pooling. */
function isOverPixels({ order }: Tensor, places: number[]): boolean {
  return (
    order.length > 2 && sameOrder(order, channelsFirst(order.length)) && sameOrder(places, [...order.keys()].slice(2))
  );
}

function mean(nodes: Nodes, input: Tensor): (value: Value, axes: number[], keepdims: number) => Value {
  return (value, axes, keepdims) =>
    isOverPixels(input, axes)
      ? nodes.op('GlobalAveragePool', [value])
      : nodes.op('ReduceMean', [value], { axes, keepdims });
}

const byAttribute = (opType: string) =>
  defineOperator({
    attributes: keep,
    convert: (call) =>
      over(call, call.input, (value, axes, keepdims) => call.nodes.op(opType, [value], { axes, keepdims })),
  });

/** Truth values count as 0 and 1. */
const counting = (opType: string) =>
  defineOperator({
    attributes: keep,
    convert: (call) => {
      const { nodes, input } = call;
      const whole = input.value.type === 'bool' ? withType(nodes, input, 'int32') : input;
      return over(call, whole, (value, axes, keepdims) =>
        opType === 'ReduceSum'
          ? nodes.op(opType, [value, nodes.integers(...axes)], { keepdims })
          : nodes.op(opType, [value], { axes, keepdims }),
      );
    },
  });

const logical = (opType: string) =>
  defineOperator({
    attributes: keep,
    convert: (call) => {
      const { nodes, input } = call;
      const whole = withType(nodes, withType(nodes, input, 'bool'), 'int32');
      const result = over(call, whole, (value, axes, keepdims) => nodes.op(opType, [value], { axes, keepdims }));
      return withType(nodes, result, 'bool');
    },
  });

/** The place of the largest or smallest; the first of several. */
const position = (opType: string) =>
  defineOperator({
    convert: ({ nodes, input, numbersOrNull }) => {
      const [given = 0] = numbersOrNull(1) ?? [];
      const axis = positive(given, rankOf(input));
      const value = nodes.op(opType, [input.value], { axis: axisIn(input, axis), keepdims: 0 });
      return inOrder(nodes.cast(value, 'int32'), without(input.order, [axis]));
    },
  });

const cumulated = defineOperator({
  attributes: z.object({ exclusive: z.boolean().default(false), reverse: z.boolean().default(false) }),
  convert: ({ nodes, input, numbers, attributes: { exclusive, reverse } }) => {
    const [axis] = numbers(1, 'the axis') as [number];
    const at = axisIn(input, positive(axis, rankOf(input)));
    const value = nodes.op('CumSum', [input.value, nodes.integer(at)], {
      exclusive: Number(exclusive),
      reverse: Number(reverse),
    });
    return inOrder(value, input.order);
  },
});

export const reductions: Record<string, OperatorConverter> = {
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
  Cumsum: cumulated,
  EuclideanNorm: defineOperator({
    attributes: keep,
    convert: (call) =>
      over(call, call.nodes.float(call.input), (value, axes, keepdims) =>
        call.nodes.op('ReduceL2', [value], { axes, keepdims }),
      ),
  }),
  Max: byAttribute('ReduceMax'),
  Mean: defineOperator({
    attributes: keep,
    convert: (call) => {
      const input = call.nodes.float(call.input);
      return over(call, input, mean(call.nodes, input));
    },
  }),
  Min: byAttribute('ReduceMin'),
  Prod: counting('ReduceProd'),
  Sum: counting('ReduceSum'),
};
