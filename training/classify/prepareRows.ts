import { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';
import type { ClassifyConfig } from './config.ts';
import { softTargets } from './loss.ts';
import { drawMix, mixRows } from './mixup.ts';
import type { Encoder } from './network.ts';
import { drawMasks, maskSpectrograms } from './specAugment.ts';
import { drawBoxes, stretchSpectrograms } from './stretch.ts';

/** A batch as the loader gives it. */
export interface LoadedRows {
  number: number;
  /** float32 `[B, N]`; empty where the encoder sees. */
  waveforms: Float32Array;
  /** RGB uint8 `[B, H, W, 3]`; empty where the encoder hears. */
  pictures: Uint8Array;
  /** Of each row. */
  categories: number[];
}

export type PrepareOptions = Pick<ClassifyConfig, 'seed' | 'stretch' | 'mixup' | 'specAugment' | 'labelSmoothing'> & {
  classes: number;
};

/** What the branch learns from and what should come of it. Whoever calls owns both. */
export interface PreparedRows {
  /** `[B, F, T, 1]` log-spectrograms, stretched, mixed, and blanked in parts; or `[B, H, W, 3]` pixels, mixed. */
  x: tf.Tensor4D;
  /** `[B, classes]` */
  targets: tf.Tensor2D;
}

/** What is drawn depends on the seed and the batch's number alone. */
export function prepareRows(
  { sense, frontends, config: { spectrogram } }: Encoder,
  { number, waveforms, pictures, categories }: LoadedRows,
  { seed, stretch, mixup, specAugment, labelSmoothing, classes }: PrepareOptions,
): PreparedRows {
  const random = new Random(new Random(seed, 31).uint32(), number);
  const rows = categories.length;
  const hear = () => {
    const heard = frontends.spectrogram(tf.tensor2d(waveforms, [rows, spectrogram.samples]));
    if (stretch.time + stretch.bands === 0) return heard;
    return stretchSpectrograms(heard, drawBoxes(rows, stretch, random), Math.log(spectrogram.logOffset));
  };
  const see = () => frontends.pixels(pictures);
  return tf.tidy(() => {
    const clean = sense === 'audio' ? hear() : see();
    const mix = drawMix(rows, mixup, random);
    const mixed = mixup === 0 ? clean : mixRows(clean, mix);
    const isMasked = sense === 'audio' && specAugment.bandMasks + specAugment.frameMasks > 0;
    const [, bands, frames] = mixed.shape;
    return {
      x: isMasked ? maskSpectrograms(mixed, drawMasks([rows, bands, frames], specAugment, random)) : mixed,
      targets: softTargets({ categories, classes, labelSmoothing, mix }),
    };
  });
}
