import sharp from 'sharp';
import { InputError } from '#core/errors.ts';
import type { Pixels } from '#core/media/image.ts';

// Each worker thread decodes one picture at a time; libvips need not start threads or remember files.
sharp.concurrency(1);
sharp.cache(false);

/**
 * A JPEG, PNG or WebP file's bytes → its pixels as people see them: turned as its EXIF says, in sRGB, the first frame of an
 * animation.
 *
 * @param maxPixels of the picture; its header is read first, so that too large a picture costs nothing.
 * @throws {InputError} for what is no such picture, or one that is empty, too large, cut short or damaged.
 */
export async function decodePicture(bytes: Uint8Array, { maxPixels }: { maxPixels?: number } = {}): Promise<Pixels> {
  expectPicture(bytes);
  // Our own limit stands in for sharp's; its own message does not name the size.
  const picture = sharp(bytes, { limitInputPixels: false, failOn: 'error' });
  if (maxPixels !== undefined) {
    const { width, height } = await picture.metadata().catch(failAsDamaged);
    if (width * height > maxPixels) {
      throw new InputError(
        `Expected a picture of at most ${maxPixels / 1e6} million pixels but received ${width} × ${height}. Make it smaller.`,
        'too_large',
      );
    }
  }
  const { data, info } = await picture
    .autoOrient()
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(failAsDamaged);
  return { data, width: info.width, height: info.height };
}

/** @throws {InputError} for bytes that are no JPEG, PNG or WebP picture. */
export function expectPicture(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new InputError('Expected a picture but the file is empty.', 'unreadable_media');
  // By the first bytes, for sharp reads many more formats, and not all of its readers are for strangers' files.
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (start.startsWith('\xff\xd8\xff') || start.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF....WEBP/s.test(start)) return;
  throw new InputError('Expected a JPEG, PNG or WebP picture but these bytes are none of them.', 'unsupported_media');
}

/** What libvips says of it is left out: threads share its text, and one is sometimes given another's. */
export function failAsDamaged(cause: unknown): never {
  throw new InputError('The picture is cut short or damaged. Save it again.', 'unreadable_media', { cause });
}
