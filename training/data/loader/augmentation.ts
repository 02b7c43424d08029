import { z } from 'zod';

/** How differently one moment may sound and look. Each is drawn anew for every example; 0 or false: left out. */
export const augmentationSchema = z.strictObject({
  gain: z.number().min(0).max(1).describe('largest share by which the sound gets louder or quieter'),
  randomCrop: z.boolean().describe('any part of the picture; false: its middle'),
  flip: z.boolean().describe('half of the pictures mirrored left to right'),
  brightness: z.number().min(0).max(1).describe('largest share by which the picture gets brighter or darker'),
  saturation: z.number().min(0).max(1).describe('largest share by which its colours get stronger or weaker'),
});
export type Augmentation = z.infer<typeof augmentationSchema>;

/**
 * The kinds are Arandjelović & Zisserman's (2017, §3.1): crop, flip, brightness, saturation, volume within 10 %. They do not say how
 * strong the jitter of the picture is; this is Inception's.
 */
export const publishedAugmentation: Augmentation = {
  gain: 0.1,
  randomCrop: true,
  flip: true,
  brightness: 32 / 255,
  saturation: 0.5,
};

export const noAugmentation: Augmentation = { gain: 0, randomCrop: false, flip: false, brightness: 0, saturation: 0 };
