import type { ImageFrontend } from '#core/config.ts';
import { prepareImage } from '#core/media/image.ts';
import type { Random } from '#core/random.ts';
import { decodePicture } from '#node/media/picture.ts';
import type { Augmentation } from './augmentation.ts';
import { readSize, writePart } from './native.ts';
import { drawCut, type PictureCut, type Size } from './picture.ts';

export interface PictureOptions {
  image: Pick<ImageFrontend, 'width' | 'height' | 'shortSide'>;
  augmentation: Augmentation;
  random: Random;
}

/**
 * A JPEG's bytes → a part of its picture.
 *
 * @param target RGB uint8 `[height, width, 3]`, written over.
 * @throws {Error} for a JPEG that is damaged, or not as `clapper prepare` writes it.
 */
export async function writePicture(
  jpeg: Uint8Array,
  target: Uint8ClampedArray,
  { image, augmentation, random }: PictureOptions,
): Promise<void> {
  if (isShownAsItIs(augmentation)) return target.set(await asServersSee(jpeg, image));
  const stored = readSize(jpeg);
  const scale = image.shortSide / Math.min(stored.width, stored.height);
  const resized = { width: Math.round(stored.width * scale), height: Math.round(stored.height * scale) };
  const cut = drawCut(resized, image, augmentation, random);
  if (scale === 1) writePart(jpeg, cut, image, target);
  else cutOut(resize(jpeg, cut, { ...resized, shortSide: image.shortSide }), cut, image, target);
}

function isShownAsItIs({ randomCrop, flip, brightness, saturation }: Augmentation): boolean {
  return !randomCrop && !flip && brightness === 0 && saturation === 0;
}

/** By the decoder that servers and `clapper evaluate` use: the network is judged by what they will show it, to the bit. */
async function asServersSee(jpeg: Uint8Array, image: PictureOptions['image']): Promise<Uint8Array> {
  return prepareImage(await decodePicture(jpeg), image);
}

/** For a model of another short side than the dataset's: resized as everywhere else, which takes ten times as long. */
function resize(jpeg: Uint8Array, cut: PictureCut, to: Size & { shortSide: number }): Size & { rgb: Uint8Array } {
  const { width, height } = readSize(jpeg);
  const rgb = new Uint8ClampedArray(width * height * 3);
  writePart(jpeg, { ...cut, left: 0, top: 0 }, { width, height }, rgb);
  return { rgb: prepareImage({ data: rgb, width, height }, to), width: to.width, height: to.height };
}

function cutOut(
  { rgb, width }: Size & { rgb: Uint8Array },
  { left, top }: PictureCut,
  size: Size,
  target: Uint8ClampedArray,
): void {
  for (let y = 0; y < size.height; y++) {
    const from = 3 * ((top + y) * width + left);
    target.set(rgb.subarray(from, from + 3 * size.width), 3 * y * size.width);
  }
}
