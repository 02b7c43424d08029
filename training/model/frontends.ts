import type { ImageFrontend } from '#core/config.ts';
import type { SpectrogramOptions } from '#core/spectrogram.ts';
import { bandPower } from '../ops/bandPower.ts';
import { scaleBytes } from '../ops/scaleBytes.ts';
import { tf } from '../tensorflow/load.ts';

/** Both frontends hold no weights that learn; every exported graph computes the same numbers in front of its branch. */
export interface Frontends {
  /**
   * Log-spectrogram.
   *
   * @param waveforms `[B, N]` float32 in [-1, 1], mono, at the configured rate.
   * @returns `[B, F, T, 1]` float32, natural log of (power + logOffset).
   */
  spectrogram(waveforms: tf.Tensor2D): tf.Tensor4D;
  /**
   * @param images RGB uint8, of any number of pictures of the configured size, one after the other.
   * @returns `[B, H, W, 3]` float32.
   */
  pixels(images: Uint8Array): tf.Tensor4D;
}

export function createFrontends(spectrogram: SpectrogramOptions, image: ImageFrontend): Frontends {
  const { logOffset } = spectrogram;
  const powerOf = bandPower(spectrogram);
  return {
    spectrogram: (waveforms) => tf.tidy(() => tf.log(tf.add(powerOf(waveforms), logOffset)).expandDims<tf.Tensor4D>(3)),
    pixels: (images) =>
      tf.tidy(() => scaleBytes(images, image).reshape<tf.Tensor4D>([-1, image.height, image.width, 3])),
  };
}
