import { prepareWholeImage } from '#core/media/image.ts';
import type { Pixels } from '#core/media/resize.ts';
import { decodePicture, encodeJpeg } from '#node/media/picture.ts';

const quality = 90;

/**
 * A picture file's bytes → a JPEG as servers see the picture, at `shortSide` pixels. A smaller one is enlarged here, once, so that no
 * step waits for it.
 *
 * @throws {InputError} for what is no such picture, or one that is empty, cut short, damaged, too large or a line.
 */
export async function preparePicture(bytes: Uint8Array, shortSide: number): Promise<PreparedPicture> {
  return preparePixels(await decodePicture(bytes), shortSide);
}

export interface PreparedPicture {
  jpeg: Uint8Array;
  width: number;
  height: number;
}

/** As {@link preparePicture}, of pixels. */
export async function preparePixels(pixels: Pixels, shortSide: number): Promise<PreparedPicture> {
  const picture = prepareWholeImage(pixels, shortSide);
  const { width, height } = picture;
  return { jpeg: await encodeJpeg(picture, quality), width, height };
}
