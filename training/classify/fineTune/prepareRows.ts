import { Random } from '#core/random.ts';
import { pictureChanges, soundChanges } from '../../augment/augment.ts';
import type { AugmentOptions } from '../../augment/config.ts';
import { tf } from '../../tensorflow/load.ts';
import type { ClassifyConfig } from '../config.ts';
import type { Encoder } from '../encoder.ts';
import { softTargets } from './loss.ts';
import { drawMix, mixRows } from './mixup.ts';

/** A batch as the loader gives it. */
export interface LoadedRows {
  number: number;
  /** float32 `[B, N]`; empty where the encoder sees. */
  waveforms: Float32Array;
  /** RGB uint8 `[B, H, W, 3]`; empty where the encoder hears. */
  pictures: Uint8Array;
  /** Of each row; null: not told. */
  categories: (number | null)[];
}

export type PrepareOptions = Pick<ClassifyConfig, 'seed' | 'mixup' | 'labelSmoothing'> &
  AugmentOptions & { classes: number };

/** What the branch learns from and what should come of it. Whoever calls owns both. */
export interface PreparedRows {
  /** `[B, F, T, 1]` log-spectrograms, or `[B, H, W, 3]` pixels, changed and mixed. */
  x: tf.Tensor4D;
  /** `[B, classes]` */
  targets: tf.Tensor2D;
}

/** What is drawn depends on the seed and the batch's number alone. */
export function prepareRows(
  { sense, frontends, config: { spectrogram } }: Encoder,
  { number, waveforms, pictures, categories }: LoadedRows,
  { seed, mixup, labelSmoothing, classes, ...augment }: PrepareOptions,
): PreparedRows {
  const random = new Random(new Random(seed, 31).uint32(), number);
  const rows = categories.length;
  const { before, after } =
    sense === 'audio'
      ? soundChanges(augment, Math.log(spectrogram.logOffset), random)
      : pictureChanges(augment, random);
  return tf.tidy(() => {
    const clean =
      sense === 'audio'
        ? frontends.spectrogram(tf.tensor2d(waveforms, [rows, spectrogram.samples]))
        : frontends.pixels(pictures);
    const changed = before(clean);
    const mix = drawMix(rows, mixup, random);
    return {
      x: after(mixup === 0 ? changed : mixRows(changed, mix)),
      targets: softTargets({ categories, classes, labelSmoothing, mix }),
    };
  });
}
