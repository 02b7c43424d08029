import type { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';
import type { AugmentOptions } from './config.ts';

/** Of each spectrogram, the part that is shown: `[top, left, bottom, right]`, where 0 and 1 are its edges. */
export type Box = [top: number, left: number, bottom: number, right: number];

/** A part around the spectrogram's middle, moved along its bands. */
export function drawBoxes(rows: number, { time, bands }: AugmentOptions['stretch'], random: Random): Box[] {
  return Array.from({ length: rows }, () => {
    const spare = (1 - (1 + time) ** random.uniform(-1, 1)) / 2; // below 0: silence at both ends
    const shift = random.uniform(-bands, bands);
    return [shift, spare, 1 + shift, 1 - spare];
  });
}

/**
 * Stretches the parts over the whole spectrogram, which sounds slower or faster, and lower or higher.
 *
 * @param spectrograms `[B, F, T, 1]`. @param silence fills what lies outside.
 */
export function stretchSpectrograms(spectrograms: tf.Tensor4D, boxes: Box[], silence: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [rows, bands, frames] = spectrograms.shape;
    const places = tf.tensor1d(Int32Array.from({ length: rows }, (_, row) => row));
    return tf.image.cropAndResize(spectrograms, tf.tensor2d(boxes), places, [bands, frames], 'bilinear', silence);
  });
}
