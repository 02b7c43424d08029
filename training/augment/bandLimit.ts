import type { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';

/** The lowest band that a sound may lose, as a share of all: of 128 mel bands up to 20 kHz about 3 kHz. */
const lowestLimit = 0.5;

/** Of each sound, how many of its bands it keeps. */
export function drawLimits(rows: number, bands: number, share: number, random: Random): Int32Array {
  return Int32Array.from({ length: rows }, () => {
    const limit = Math.round(random.uniform(lowestLimit, 1) * bands);
    return random.uniform() < share ? limit : bands;
  });
}

/** @param spectrograms `[B, F, T, 1]`. @param silence fills the bands above each one's limit. @returns the same shape. */
export function limitBands(spectrograms: tf.Tensor4D, limits: Int32Array, silence: number): tf.Tensor4D {
  const [rows, bands] = spectrograms.shape;
  const kept = Float32Array.from({ length: rows * bands }, (_, i) =>
    i % bands < (limits[Math.floor(i / bands)] as number) ? 1 : 0,
  );
  return tf.tidy(() => {
    const mask = tf.tensor4d(kept, [rows, bands, 1, 1]);
    return tf.add<tf.Tensor4D>(tf.mul(tf.sub(spectrograms, silence), mask), silence);
  });
}
