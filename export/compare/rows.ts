import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';
import type { GraphInput } from '../convert/tensor.ts';
import type { Dimension } from '../onnx/value.ts';

/** A tensor's numbers, row-major. */
export interface Rows {
  shape: number[];
  dtype: 'float32' | 'int32' | 'bool';
  data: Float32Array | Int32Array;
}

/** What stands for sizes that each run chooses. */
export interface Sizes {
  batch: number;
  /** Pixels along each side. */
  pixels: number;
  /** Steps, or numbers in a list. */
  steps: number;
}

/** Seeded numbers for each input: in [-scale, scale], or indices where a layer looks them up in a table. */
export function drawInputs(inputs: GraphInput[], sizes: Sizes, scale = 1): Rows[] {
  return inputs.map(({ value, below }, i) => {
    const random = new Random(0, i);
    const shape = value.shape.map((size) => sizeOf(size, sizes));
    const count = elementCount(shape);
    const whole = below !== null || value.type !== 'float32';
    const most = value.type === 'bool' ? 2 : (below ?? 2);
    const draw = () => (whole ? random.integer(most) : random.uniform(-scale, scale));
    const data =
      value.type === 'float32' ? Float32Array.from({ length: count }, draw) : Int32Array.from({ length: count }, draw);
    return { shape, dtype: value.type as Rows['dtype'], data };
  });
}

function sizeOf(size: Dimension, { batch, pixels, steps }: Sizes): number {
  if (typeof size === 'number') return size;
  if (size === 'batch') return batch;
  return /(height|width|depth)$/.test(size) ? pixels : steps;
}

/** The first sample of each. */
export function firstSample(rows: Rows[]): Rows[] {
  return rows.map(({ shape: [batch = 1, ...rest], dtype, data }) => ({
    shape: [1, ...rest],
    dtype,
    data: data.subarray(0, data.length / batch),
  }));
}

/** Largest |a − b| ÷ max(1, |a|); NaN where a number is missing or is none, Infinity where shapes differ. */
export function differenceOf(expected: Pick<Rows, 'shape' | 'data'>, actual: Pick<Rows, 'shape' | 'data'>): number {
  if (expected.shape.join() !== actual.shape.join()) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const value = expected.data[i] as number;
    const apart = Math.abs((actual.data[i] as number) - value) / Math.max(1, Math.abs(value));
    if (!(apart <= largest)) largest = apart; // NaN as well
    if (Number.isNaN(apart)) return apart;
  }
  return largest;
}
