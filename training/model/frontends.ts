import type { ImageFrontend } from '#core/config.ts';
import { frequencyBins, melFilters, type SpectrogramOptions } from '#core/spectrogram.ts';
import { framedPower } from '../ops/framedPower.ts';
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
  const { logOffset, nMels } = spectrogram;
  const bins = frequencyBins(spectrogram);
  const powerOf = framedPower(spectrogram);
  const mel = nMels === null ? null : tf.keep(tf.tensor2d(melFilters(spectrogram), [bins, nMels]));

  return {
    spectrogram: (waveforms) =>
      tf.tidy(() => {
        const power = powerOf(waveforms); // [B, T, F]
        const [batch, frames] = power.shape;
        const bands = mel ? tf.matMul(power.reshape([batch * frames, bins]), mel).reshape([batch, frames, -1]) : power;
        return tf.log(tf.add(bands, logOffset)).transpose([0, 2, 1]).expandDims<tf.Tensor4D>(3);
      }),
    pixels: (images) =>
      tf.tidy(() => scaleBytes(images, image).reshape<tf.Tensor4D>([-1, image.height, image.width, 3])),
  };
}
