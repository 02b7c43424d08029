import { elementCount } from '#core/elementCount.ts';
import type { ConstantData, Dimension, Value } from '../onnx/value.ts';

/**
 * A Keras tensor as it stands in the ONNX graph. Convolutions of ONNX want channels before pixels and its recurrent operators want time
 * before the batch, so a tensor stays in the order that it was computed in until a layer needs another.
 */
export interface Tensor {
  value: Value;
  /** `order[i]`: which of Keras' axes the value's axis i is. */
  order: number[];
  /**
   * A row per sample that was flattened in another order than Keras': what was flattened, in which order it stands, and the numbers
   * before that, as long as they are the same.
   */
  flattened?: { shape: Dimension[]; order: number[]; grid?: Value };
  /** Rows of one number a channel, of which tfjs drops the sizes of 1 that Keras keeps: how Keras has them, `[B, 1, 1, C]` in `order`. */
  kept?: { order: number[] };
  /** Of complex numbers, the imaginary parts, in the same order; `value` holds the real ones. */
  imaginary?: Value;
  /** The graph's input that it is, as it came in: what may be in it is known by who reads it. */
  input?: GraphInput;
}

/** What the layers that read an input say of it; a check draws its numbers so. */
export interface GraphInput {
  name: string;
  value: Value;
  /** Whole numbers from 0 to below this: indices into a table. null: any numbers. */
  below: number | null;
  /** It comes in as `[B, C, …]` although the model has `[B, …, C]`. */
  channelsMoved: boolean;
}

/** A tensor in Keras' own order. */
export function plain(value: Value): Tensor {
  return { value, order: value.shape.map((_, axis) => axis) };
}

export function inOrder(value: Value, order: number[]): Tensor {
  return { value, order };
}

/** The shape as Keras has it. */
export function shapeOf({ value, order }: Tensor): Dimension[] {
  const shape: Dimension[] = [];
  order.forEach((axis, i) => {
    shape[axis] = value.shape[i] as Dimension;
  });
  return shape;
}

export function rankOf({ order }: Tensor): number {
  return order.length;
}

/** Where one of Keras' axes stands in the value. @throws {TypeError} for one that it has not. */
export function axisIn({ order }: Pick<Tensor, 'order'>, axis: number): number {
  const at = order.indexOf(axis < 0 ? axis + order.length : axis);
  if (at < 0) throw new TypeError(`Expected one of ${order.length} axes but received ${axis}.`);
  return at;
}

/** Batch, channels, then the rest: `[0, 3, 1, 2]` for pixels. */
export function channelsFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** Time, batch, then the rest. */
export function timeFirst(rank: number): number[] {
  return [1, 0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2)];
}

export function sameOrder(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** Row-major numbers of Keras' shape → the same in another order of axes. */
export function permute<Data extends ConstantData>(data: Data, shape: number[], order: number[]): Data {
  if (order.every((axis, i) => axis === i)) return data;
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis] as number);
  const steps = order.map((axis) => strides[axis] as number);
  const permuted = data.slice() as Data;
  const last = sizes.length - 1;
  const [length, step] = [sizes[last] as number, steps[last] as number];
  const index = new Array<number>(last).fill(0);
  for (let to = 0, from = 0; to < data.length; ) {
    for (let i = 0, at = from; i < length; i++, at += step) permuted[to++] = data[at] as never;
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += steps[axis] as number;
      if ((index[axis] as number) < (sizes[axis] as number)) break;
      from -= (steps[axis] as number) * (sizes[axis] as number);
      index[axis] = 0;
    }
  }
  return permuted;
}

/** The order that most of the tensors stand in. */
export function mostCommon(orders: number[][]): number[] | undefined {
  const counts = new Map<string, number>();
  for (const order of orders) counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
  return orders.toSorted((a, b) => (counts.get(b.join()) ?? 0) - (counts.get(a.join()) ?? 0))[0];
}

/** What was made of each number by itself: the order stays. */
export function sameOrderAs(tensor: Tensor, value: Value): Tensor {
  const { kept } = tensor;
  if (!tensor.flattened) return { value, order: tensor.order, ...(kept && { kept }) };
  const { shape, order } = tensor.flattened;
  return { value, order: tensor.order, flattened: { shape, order } };
}
