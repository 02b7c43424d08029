import { z } from 'zod';

const share = z.number().min(0).max(1);

/** How a step's spectrograms and pictures are changed once they are with TensorFlow; 0: left out. What the loader changes stands in its own settings. */
export const augmentSettings = {
  stretch: z.strictObject({
    time: share.describe('largest share by which a sound gets slower or faster; 0: as it is'),
    bands: share.describe('largest share of all bands by which it gets higher or lower'),
  }),
  specAugment: z.strictObject({
    bandMasks: z.number().int().min(0).describe('stretches of bands that are blanked'),
    bandShare: share.describe('longest, of all bands'),
    frameMasks: z.number().int().min(0).describe('stretches of time that are blanked'),
    frameShare: share.describe('longest, of all frames'),
  }),
  bandLimit: share.describe('of the sounds that lose what lies above some band, as cheap recorders and codecs do it'),
  view: z.strictObject({
    zoom: share.describe('largest share of a picture’s sides that is left out'),
    aspect: share.describe('largest share by which it gets wider or narrower'),
    blur: share.describe('of the pictures that lose detail, as small ones do that were enlarged'),
    cutOut: share.describe('longest side of the part that is blanked, of the picture’s'),
  }),
};
export const augmentSchema = z.strictObject(augmentSettings);
export type AugmentOptions = z.infer<typeof augmentSchema>;

/** Changes nothing. */
export const noAugment: AugmentOptions = {
  stretch: { time: 0, bands: 0 },
  specAugment: { bandMasks: 0, bandShare: 0, frameMasks: 0, frameShare: 0 },
  bandLimit: 0,
  view: { zoom: 0, aspect: 0, blur: 0, cutOut: 0 },
};
