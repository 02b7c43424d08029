import sharp from 'sharp';
import { InputError } from '#core/errors.ts';
import { expectPicture, failAsDamaged } from '#node/media/picture.ts';

const quality = 90;
/** Of a picture at its short side, in pixels. */
const maxLongSide = 16_384;

/**
 * A JPEG, PNG or WebP file's bytes → a JPEG as people see the picture: turned as its EXIF says, 8 bits in sRGB, on white, the
 * first frame of an animation, at `shortSide` pixels. A smaller one is enlarged here, once, so that no step waits for it.
 *
 * @throws {InputError} for what is no such picture, or one that is empty, cut short or damaged.
 */
export async function preparePicture(
  bytes: Uint8Array,
  shortSide: number,
): Promise<{ jpeg: Uint8Array; width: number; height: number }> {
  expectPicture(bytes);
  await refuseLine(bytes, shortSide);
  const { data, info } = await sharp(bytes, { failOn: 'error' })
    .autoOrient()
    .resize({ width: shortSide, height: shortSide, fit: 'outside' })
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .jpeg({ quality })
    .toBuffer({ resolveWithObject: true })
    .catch(failAsDamaged);
  return { jpeg: data, width: info.width, height: info.height };
}

/** What is many times longer than wide shows nothing in a square, and would take all memory. */
async function refuseLine(bytes: Uint8Array, shortSide: number): Promise<void> {
  const { width, height } = await sharp(bytes).metadata().catch(failAsDamaged);
  const long = (Math.max(width, height) * shortSide) / Math.min(width, height);
  if (long > maxLongSide) {
    throw new InputError(`Expected a picture but ${width} × ${height} pixels are a line.`, 'unreadable_media');
  }
}

/** Pixels as they are: RGB uint8 `[height, width, 3]`. */
export async function encodePixels(rgb: Uint8Array, size: { width: number; height: number }): Promise<Uint8Array> {
  return sharp(rgb, { raw: { ...size, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}
