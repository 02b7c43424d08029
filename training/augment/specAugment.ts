import type { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';
import type { AugmentOptions } from './config.ts';

/** Which bands and frames of each spectrogram of a batch stay: 1, or are blanked: 0. */
export interface Masks {
  /** `[B, F]` */
  bands: Float32Array;
  /** `[B, T]` */
  frames: Float32Array;
}

/** SpecAugment's masks (Park et al. 2019): of each spectrogram stretches of bands and of frames, anywhere, of any length up to a share. */
export function drawMasks(
  [rows, bands, frames]: [rows: number, bands: number, frames: number],
  options: AugmentOptions['specAugment'],
  random: Random,
): Masks {
  const masks = { bands: new Float32Array(rows * bands).fill(1), frames: new Float32Array(rows * frames).fill(1) };
  for (let row = 0; row < rows; row++) {
    const blank = (kept: Float32Array, size: number, longest: number) => {
      const length = random.integer(Math.floor(longest) + 1);
      const start = row * size + random.integer(size - length + 1);
      kept.fill(0, start, start + length);
    };
    for (let i = 0; i < options.bandMasks; i++) blank(masks.bands, bands, options.bandShare * bands);
    for (let i = 0; i < options.frameMasks; i++) blank(masks.frames, frames, options.frameShare * frames);
  }
  return masks;
}

/** @param spectrograms `[B, F, T, 1]`. @returns the same with each one's mean where it is blanked. */
export function maskSpectrograms(spectrograms: tf.Tensor4D, { bands, frames }: Masks): tf.Tensor4D {
  return tf.tidy(() => {
    const [rows, height, width] = spectrograms.shape;
    const kept = tf.mul(tf.tensor4d(bands, [rows, height, 1, 1]), tf.tensor4d(frames, [rows, 1, width, 1]));
    const mean = tf.mean(spectrograms, [1, 2, 3], true);
    return tf.add<tf.Tensor4D>(tf.mul(tf.sub(spectrograms, mean), kept), mean);
  });
}
