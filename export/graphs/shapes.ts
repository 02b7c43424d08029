import type { Dimension, GraphBuilder, Value } from '../onnx/graph.ts';

/**
 * @param sizes 0: as the input has it; −1: what is left.
 * @param shape what comes out, where the sizes alone do not say it.
 */
export function reshape(graph: GraphBuilder, name: string, value: Value, sizes: number[], shape?: Dimension[]): Value {
  return graph.node('Reshape', {
    name,
    inputs: [value, graph.integers(`${name}/shape`, sizes)],
    ...(shape && { results: [{ type: value.type, shape }] }),
  });
}

export function transpose(graph: GraphBuilder, name: string, value: Value, order: number[]): Value {
  return graph.node('Transpose', { name, inputs: [value], attributes: { perm: order } });
}

/** @returns the value itself where the part is all of it. */
export function slice(
  graph: GraphBuilder,
  name: string,
  value: Value,
  { axis, start, end, step = 1 }: { axis: number; start: number; end: number; step?: number },
): Value {
  if (start === 0 && value.shape[axis] === end && step === 1) return value;
  const limits = { start, end, axis, ...(step !== 1 && { step }) };
  const integers = Object.entries(limits).map(([limit, number]) => graph.integers(`${name}/${limit}`, [number]));
  return graph.node('Slice', { name, inputs: [value, ...integers] });
}
