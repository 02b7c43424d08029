import { tf } from '../../tensorflow/load.ts';

/** Of each feature over many rows. */
export interface ZScore {
  mean: Float64Array;
  /** 1 where the feature never differs. */
  deviation: Float64Array;
}

/** @param rows `[D]` each. */
export function zScoreOf(rows: Float32Array[]): ZScore {
  const size = rows[0]?.length ?? 0;
  const mean = new Float64Array(size);
  const deviation = new Float64Array(size);
  for (const row of rows)
    for (let i = 0; i < size; i++) mean[i] = (mean[i] as number) + (row[i] as number) / rows.length;
  for (const row of rows) {
    for (let i = 0; i < size; i++) {
      deviation[i] = (deviation[i] as number) + ((row[i] as number) - (mean[i] as number)) ** 2 / rows.length;
    }
  }
  // The mean of equal numbers may be off in its last bit: then their variance is above 0.
  const differs = (i: number) => rows.some((row) => row[i] !== rows[0]?.[i]);
  return { mean, deviation: deviation.map((variance, i) => (differs(i) ? Math.sqrt(variance) : 1)) };
}

/** @returns `[rows, D + 1]`: every feature less its mean, over its deviation; the last column is 1. */
export function standardised(rows: Float32Array[], { mean, deviation }: ZScore): tf.Tensor2D {
  const size = mean.length + 1;
  const all = new Float32Array(rows.length * size).fill(1);
  for (const [r, row] of rows.entries()) {
    for (let i = 0; i < mean.length; i++) {
      all[r * size + i] = ((row[i] as number) - (mean[i] as number)) / (deviation[i] as number);
    }
  }
  return tf.tensor2d(all, [rows.length, size]);
}
