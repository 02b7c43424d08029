import type { Random } from '#core/random.ts';
import type { tf } from '../tensorflow/load.ts';
import { drawLimits, limitBands } from './bandLimit.ts';
import type { AugmentOptions } from './config.ts';
import { drawMasks, maskSpectrograms } from './specAugment.ts';
import { drawBoxes, stretchSpectrograms } from './stretch.ts';
import { drawViews, viewPictures } from './view.ts';

type Change = (x: tf.Tensor4D) => tf.Tensor4D;

/**
 * What changes a batch's spectrograms before any are mixed, and after.
 *
 * @param silence the logarithm that silence has.
 */
export function soundChanges(
  { stretch, bandLimit, specAugment }: AugmentOptions,
  silence: number,
  random: Random,
): { before: Change; after: Change } {
  return {
    before: (x) => {
      const [rows, bands] = x.shape;
      const stretched =
        stretch.time + stretch.bands === 0 ? x : stretchSpectrograms(x, drawBoxes(rows, stretch, random), silence);
      if (bandLimit === 0) return stretched;
      return limitBands(stretched, drawLimits(rows, bands, bandLimit, random), silence);
    },
    after: (x) => {
      const [rows, bands, frames] = x.shape;
      if (specAugment.bandMasks + specAugment.frameMasks === 0) return x;
      return maskSpectrograms(x, drawMasks([rows, bands, frames], specAugment, random));
    },
  };
}

/** The same for pictures. */
export function pictureChanges({ view }: AugmentOptions, random: Random): { before: Change; after: Change } {
  const isPlain = Object.values(view).every((share) => share === 0);
  return {
    before: (x) => (isPlain ? x : viewPictures(x, drawViews(x.shape[0], view, random))),
    after: (x) => x,
  };
}
