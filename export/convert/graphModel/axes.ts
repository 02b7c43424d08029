import type { Value } from '../../onnx/value.ts';
import type { Nodes } from '../nodes.ts';
import { axisIn, inOrder, mostCommon, plain, rankOf, shapeOf, type Tensor } from '../tensor.ts';

// Tensors beside one another, and dimensions that come and go, wherever the axes stand.

/** Counts from the end where below 0. @throws {TypeError} for one that is not there. */
export function positive(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (at >= 0 && at < rank) return at;
  throw new TypeError(`Expected an axis of ${rank} dimensions but received ${axis}.`);
}

/** The tensors as NumPy's broadcasting joins them: one order for all, sizes of 1 before those that have fewer dimensions. */
export function together(nodes: Nodes, inputs: Tensor[]): { values: Value[]; order: number[] } {
  const rank = Math.max(...inputs.map(rankOf));
  const whole = inputs.filter((input) => rankOf(input) === rank);
  const moving = whole.filter(({ value }) => !nodes.graph.constantData(value));
  const order = mostCommon((moving.length > 0 ? moving : whole).map((input) => input.order)) as number[];
  const values = inputs.map((input) => {
    const missing = rank - rankOf(input);
    if (missing === 0) return nodes.arrange(input, order);
    if (rankOf(input) === 0) return input.value;
    const axes = Array.from({ length: missing }, (_, i) => i);
    const widened = nodes.op('Unsqueeze', [nodes.plain(input), nodes.integers(...axes)]);
    return nodes.arrange(plain(widened), order);
  });
  return { values, order };
}

/** With sizes of 1 at these axes of the result, ascending. */
export function unsqueezed(nodes: Nodes, tensor: Tensor, axes: number[]): Tensor {
  const order = [...tensor.order];
  const places: number[] = [];
  for (const axis of axes) {
    for (const [i, other] of order.entries()) if (other >= axis) order[i] = other + 1;
    const before = order.findIndex((other) => other > axis);
    order.splice(before < 0 ? order.length : before, 0, axis);
  }
  for (const axis of axes) places.push(order.indexOf(axis));
  const value = nodes.op('Unsqueeze', [tensor.value, nodes.integers(...places.sort((a, b) => a - b))]);
  return { ...inOrder(value, order), ...(tensor.input && { input: tensor.input }) };
}

/** Without these axes, whose sizes are 1. */
export function squeezed(nodes: Nodes, tensor: Tensor, axes: number[]): Tensor {
  if (axes.length === 0) return tensor;
  const places = axes.map((axis) => axisIn(tensor, axis)).sort((a, b) => a - b);
  const value = nodes.op('Squeeze', [tensor.value, nodes.integers(...places)]);
  return { ...inOrder(value, without(tensor.order, axes)), ...(tensor.input && { input: tensor.input }) };
}

/** The order that is left when axes are gone. */
export function without(order: number[], axes: number[]): number[] {
  return order.filter((axis) => !axes.includes(axis)).map((axis) => axis - axes.filter((other) => other < axis).length);
}

/** The axes whose size is 1. */
export function onesOf(tensor: Tensor): number[] {
  return shapeOf(tensor).flatMap((size, axis) => (size === 1 ? [axis] : []));
}
