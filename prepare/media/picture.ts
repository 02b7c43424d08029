import sharp from 'sharp';
import { InputError } from '#core/errors.ts';

// Each worker thread prepares one picture at a time; libvips need not start threads or remember files.
sharp.concurrency(1);
sharp.cache(false);

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
  if (bytes.length === 0) throw new InputError('Expected a picture but the file is empty.', 'unreadable_media');
  if (!isPicture(bytes)) {
    throw new InputError('Expected a JPEG, PNG or WebP picture but these bytes are none of them.', 'unsupported_media');
  }
  await refuseLine(bytes, shortSide);
  const { data, info } = await sharp(bytes, { failOn: 'error' })
    .autoOrient()
    .resize({ width: shortSide, height: shortSide, fit: 'outside' })
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .jpeg({ quality })
    .toBuffer({ resolveWithObject: true })
    .catch(damaged);
  return { jpeg: data, width: info.width, height: info.height };
}

/** What is many times longer than wide shows nothing in a square, and would take all memory. */
async function refuseLine(bytes: Uint8Array, shortSide: number): Promise<void> {
  const { width, height } = await sharp(bytes).metadata().catch(damaged);
  const long = (Math.max(width, height) * shortSide) / Math.min(width, height);
  if (long > maxLongSide) {
    throw new InputError(`Expected a picture but ${width} × ${height} pixels are a line.`, 'unreadable_media');
  }
}

/** What libvips says of it is left out: threads share its text, and one is sometimes given another's. */
function damaged(cause: unknown): never {
  throw new InputError('The picture is cut short or damaged.', 'unreadable_media', { cause });
}

/** Pixels as they are: RGB uint8 `[height, width, 3]`. */
export async function encodePixels(rgb: Uint8Array, size: { width: number; height: number }): Promise<Uint8Array> {
  return sharp(rgb, { raw: { ...size, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/** By the first bytes, for sharp reads many more formats, and not all of its readers are for strangers' files. */
function isPicture(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return start.startsWith('\xff\xd8\xff') || start.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF....WEBP/s.test(start);
}
