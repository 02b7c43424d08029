import { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';

export interface DropoutOptions {
  /** Share that is left out; what stays is scaled up. */
  rate: number;
  /** Of the run. */
  seed: number;
  /** Of the batch. */
  number: number;
  /** Of several in one batch. */
  side?: 0 | 1;
}

/** Dropout of a training step. What is left out depends on the run's seed and the batch's number alone. */
export function dropout(x: tf.Tensor2D, { rate, seed, number, side = 0 }: DropoutOptions): tf.Tensor2D {
  if (rate === 0) return x;
  const drawn = new Random(new Random(seed, 33).uint32(), 2 * number + side);
  return tf.dropout(x, rate, undefined, drawn.uint32()) as tf.Tensor2D;
}
