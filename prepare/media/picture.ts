import { prepareWholeImage } from '#core/media/image.ts';
import { decodePicture, encodeJpeg } from '#node/media/picture.ts';

const quality = 90;

/**
 * A picture file's bytes → a JPEG as servers see the picture, at `shortSide` pixels. A smaller one is enlarged here, once, so that no
 * step waits for it.
 *
 * @throws {InputError} for what is no such picture, or one that is empty, cut short, damaged, too large or a line.
 */
export async function preparePicture(
  bytes: Uint8Array,
  shortSide: number,
): Promise<{ jpeg: Uint8Array; width: number; height: number }> {
  const picture = prepareWholeImage(await decodePicture(bytes), shortSide);
  const { width, height } = picture;
  return { jpeg: await encodeJpeg(picture, quality), width, height };
}

/** Pixels as they are: RGB uint8 `[height, width, 3]`. */
export async function encodePixels(rgb: Uint8Array, size: { width: number; height: number }): Promise<Uint8Array> {
  return encodeJpeg({ data: rgb, ...size }, quality);
}
