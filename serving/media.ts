import sharp from 'sharp';
import { cannot } from '#core/bundle/abilities.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { type Pixels, prepareImage } from '#core/media/image.ts';
import { limits } from './limits.ts';

/** Files' bytes → what a bundle's graphs take. */
export interface MediaDecoder {
  /** @returns `[samples]` float32 in [-1, 1], mono, at the bundle's rate. */
  audio(bytes: Uint8Array): Promise<Float32Array>;
  /** @returns RGB uint8 `[H, W, 3]` of the bundle's size. */
  image(bytes: Uint8Array): Promise<Uint8Array>;
}

export function createMediaDecoder(manifest: BundleManifest): MediaDecoder {
  const { audio, image } = manifest.input;
  return {
    async audio(bytes) {
      if (!audio) throw cannot(manifest, 'embed-audio');
      return decodeAudio(bytes, { sampleRate: audio.sampleRate, maxSeconds: limits.audioSeconds });
    },
    async image(bytes) {
      if (!image) throw cannot(manifest, 'embed-image');
      return prepareImage(await decodeImage(bytes), image);
    },
  };
}

// Each worker thread decodes one picture at a time; libvips need not start threads or remember files.
sharp.concurrency(1);
sharp.cache(false);

/**
 * A JPEG, PNG or WebP file's bytes → its pixels as people see them: turned as its EXIF says, in sRGB, the first frame of an
 * animation. The header is read first, so that too large a picture costs nothing.
 */
async function decodeImage(bytes: Uint8Array): Promise<Pixels> {
  if (bytes.length === 0) throw new InputError('Expected a picture but the file is empty.', 'unreadable_media');
  if (!isPicture(bytes)) {
    throw new InputError('Expected a JPEG, PNG or WebP picture but these bytes are none of them.', 'unsupported_media');
  }
  // Our own limit stands in for sharp's; its own message does not name the size.
  const picture = sharp(bytes, { limitInputPixels: false, failOn: 'error' });
  const { width, height } = await picture.metadata().catch(failAsUnreadable);
  if (width * height > limits.imagePixels) {
    throw new InputError(
      `Expected a picture of at most ${limits.imagePixels / 1e6} million pixels but received ${width} × ${height}. Make it smaller.`,
      'too_large',
    );
  }
  const { data, info } = await picture
    .autoOrient()
    .toColourspace('srgb')
    .ensureAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(failAsUnreadable);
  return { data, width: info.width, height: info.height };
}

/** By the first bytes, for sharp reads many more formats, and not all of its readers are for strangers' files. */
function isPicture(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  return start.startsWith('\xff\xd8\xff') || start.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF....WEBP/s.test(start);
}

function failAsUnreadable(cause: unknown): never {
  throw new InputError('The picture is cut short or damaged. Save it again.', 'unreadable_media', { cause });
}
