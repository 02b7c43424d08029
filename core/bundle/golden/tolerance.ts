import type { Matrix } from '../../matrix.ts';
import { rowOf } from '../../matrix.ts';
import type { Variant } from '../graphs.ts';

/**
 * The most that a variant may declare as its tolerance, of an encoder and of a head. A number's difference counts as a share of the largest
 * number in its row, for rounding grows with the numbers that are added up.
 *
 * - fp32: two runtimes differ through the order of additions alone: full L3-Net by 4e-6 from TensorFlow to ONNX Runtime.
 * - fp16 keeps 11 bits, 5e-4 of a number; int8 keeps 8, and which of them are lost depends on the processor.
 */
export const toleranceCaps: Record<Variant, { encoder: number; head: number }> = {
  fp32: { encoder: 1e-4, head: 1e-4 },
  fp16: { encoder: 2e-2, head: 5e-3 },
  int8: { encoder: 0.5, head: 0.15 },
};

/**
 * How far a variant's heads may be from what they gave themselves when it was made. int8 is how their weights are stored; they compute in
 * float32. fp16 does so too where a processor has no arithmetic of 16 bits.
 */
export const ownTolerances: Record<Variant, number> = { fp32: 1e-4, fp16: 1e-3, int8: 1e-4 };

/** Two classes of a head are told apart where their logits are at least so far apart in some row, as a share of the row's largest. */
export const leastSeparation = 0.02;

/** Rows of an encoder say something where they differ by at least so much from one another. */
export const leastVariation = 0.01;

/**
 * Share of the largest number in all rows. Where what is added up cancels out, as in a pair that may be matching or not, little is left but
 * the rounding of what was large.
 */
const leastUnit = 0.05;

/**
 * The largest difference of two matrices of one shape, as a share of the largest number in the expected row, or of {@link leastUnit} where that
 * is more.
 *
 * @returns NaN where shapes differ or a number is none.
 */
export function relativeDifference(actual: Matrix, expected: Matrix): number {
  if (actual.rows !== expected.rows || actual.columns !== expected.columns) return Number.NaN;
  const least = leastUnit * largestOf(expected.data);
  let largest = 0;
  for (let row = 0; row < expected.rows; row++) {
    const values = rowOf(expected, row);
    const unit = Math.max(largestOf(values), least) || 1;
    const got = rowOf(actual, row);
    for (let i = 0; i < values.length; i++) {
      const difference = Math.abs((got[i] as number) - (values[i] as number)) / unit;
      if (!(difference <= largest)) largest = difference; // keeps a NaN
    }
  }
  return largest;
}

/**
 * @param logits `[rows, classes]`.
 * @returns of the two classes that are hardest to tell apart: how far their logits lie apart in the row where they are farthest, as a share of
 *   the largest in that row. Exchanging any two classes changes some number by at least this.
 */
export function classSeparation(logits: Matrix): number {
  const { rows, columns } = logits;
  const farthest = new Float64Array(columns * columns);
  const least = leastUnit * largestOf(logits.data);
  for (let row = 0; row < rows; row++) {
    const values = rowOf(logits, row);
    const unit = Math.max(largestOf(values), least);
    if (unit === 0) continue;
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < i; j++) {
        const apart = Math.abs((values[i] as number) - (values[j] as number)) / unit;
        if (apart > (farthest[i * columns + j] as number)) farthest[i * columns + j] = apart;
      }
    }
  }
  let separation = Number.POSITIVE_INFINITY;
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < i; j++) separation = Math.min(separation, farthest[i * columns + j] as number);
  }
  return separation;
}

/** @returns how far the rows that are most alike lie apart, as a share of the largest number in all. */
export function rowVariation(matrix: Matrix): number {
  const unit = largestOf(matrix.data);
  if (!(unit > 0)) return 0;
  let variation = Number.POSITIVE_INFINITY;
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < i; j++) {
      const other = rowOf(matrix, j);
      const apart = rowOf(matrix, i).reduce(
        (most, value, k) => Math.max(most, Math.abs(value - (other[k] as number))),
        0,
      );
      variation = Math.min(variation, apart / unit);
    }
  }
  return variation;
}

function largestOf(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
