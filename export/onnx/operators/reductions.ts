import type { Dimension } from '../value.ts';
import { axisOf, inputAt, type NodeContext, numbersAt, type OperatorRule, type Result } from './rule.ts';

function reduced(node: NodeContext, axes: number[] | undefined): Result[] {
  const { type, shape } = inputAt(node, 0);
  const { keepdims = 1 } = node.attributes;
  const gone = new Set((axes ?? shape.map((_, i) => i)).map((axis) => axisOf(axis, shape.length)));
  const kept = shape.map((size, i) => (gone.has(i) ? 1 : size));
  return [{ type, shape: keepdims ? kept : kept.filter((_, i) => !gone.has(i)) }];
}

/** Axes are an attribute until opset 18. */
const byAttribute: OperatorRule = {
  attributes: { axes: 'ints', keepdims: 'int' },
  infer: (node) => reduced(node, node.attributes.axes),
};

const position: OperatorRule = {
  attributes: { axis: 'int', keepdims: 'int', select_last_index: 'int' },
  infer: (node) => reduced(node, [node.attributes.axis ?? 0]).map(({ shape }) => ({ type: 'int64', shape })),
};

export const reductions: Record<string, OperatorRule> = {
  ArgMax: position,
  ArgMin: position,
  TopK: {
    attributes: { axis: 'int', largest: 'int', sorted: 'int' },
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const [count = null] = numbersAt(node, 1) ?? [];
      const at = axisOf(node.attributes.axis ?? -1, shape.length);
      const sizes = (shape as (Dimension | null)[]).with(at, count);
      return [
        { type, shape: sizes },
        { type: 'int64', shape: sizes },
      ];
    },
  },
  ReduceL2: byAttribute,
  ReduceLogSumExp: byAttribute,
  ReduceMax: byAttribute,
  ReduceMean: byAttribute,
  ReduceMin: byAttribute,
  ReduceProd: byAttribute,
  ReduceSum: {
    attributes: { keepdims: 'int' },
    infer: (node) => reduced(node, node.inputs[1] ? (numbersAt(node, 1) ?? undefined) : undefined),
  },
};
