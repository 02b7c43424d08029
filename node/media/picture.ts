import type { Sharp } from 'sharp';
import { InputError } from '#core/errors.ts';
import { textAt } from '#core/media/formats/bytes.ts';
import type { Pixels } from '#core/media/resize.ts';
import { decodeReduced } from './jpeg/reduced.ts';
import { jpegSize } from './jpegSize.ts';
import { decodePlainPng } from './plainPng.ts';
import { loadSharp } from './sharp.ts';

export interface PictureOptions {
  maxPixels?: number;
  /** Of what will be made of it: a JPEG of many times that size need not be decoded whole. */
  shortSide?: number;
}

/**
 * A JPEG, PNG or WebP file's bytes → its pixels as people see them: turned as its EXIF says, 8 bits in sRGB, the first frame of an
 * animation. What is too large is refused by its header.
 *
 * @throws {InputError} unsupported_media for what is no such picture, unreadable_media for one that is empty, cut short or damaged,
 *   too_large for one of more than `maxPixels`; the largest cameras have 100 million.
 */
export async function decodePicture(
  bytes: Uint8Array,
  { maxPixels = 100e6, shortSide }: PictureOptions = {},
): Promise<Pixels> {
  if (bytes.length === 0) throw new InputError('Expected a picture but the file is empty.', 'unreadable_media');
  const kind = kindOf(bytes);
  if (!kind) {
    throw new InputError('Expected a JPEG, PNG or WebP picture but these bytes are none of them.', 'unsupported_media');
  }
  const plain = kind === 'PNG' ? decodePlainPng(bytes) : null;
  if (plain && plain.width * plain.height <= maxPixels) return plain;
  const least = kind === 'JPEG' && shortSide ? leastFraction(bytes, { shortSide, maxPixels }) : 1;
  const reduced = decodeReduced(bytes, least);
  if (reduced) return reduced;
  const sharp = await loadSharp();
  try {
    const eight = kind === 'deep PNG' ? await withEightBits(bytes, maxPixels) : bytes;
    const picture = sharp(eight, { limitInputPixels: maxPixels, failOn: 'error' }).autoOrient();
    const part = await partOf(picture, least);
    if (part) picture.resize({ width: part.width, height: part.height, fit: 'fill', kernel: 'cubic' });
    const { data, info } = await picture
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = { data, width: info.width, height: info.height };
    return part ? { ...pixels, whole: part.whole } : pixels;
  } catch (cause) {
    throw await complaint(bytes, maxPixels, cause);
  }
}

/** Smaller ones are decoded whole: they take no time. */
const leastPixels = 1e6;
/** As `core/media/resize.ts` leaves for its own filter. */
const reducingGap = 2;

/** @returns the share of its size that a JPEG must be decoded at, at least: 1 where it is small, or so large that it is refused. */
function leastFraction(bytes: Uint8Array, { shortSide, maxPixels }: Required<PictureOptions>): number {
  const { width, height } = jpegSize(bytes) ?? { width: 0, height: 0 };
  if (width * height < leastPixels || width * height > maxPixels) return 1;
  return (reducingGap * shortSide) / Math.min(width, height);
}

/** For these libjpeg decodes at a quarter or half of the size, and libvips makes up the rest; at an eighth, edges would be off by a pixel of it. */
const fractions = [5, 3];

interface Size {
  width: number;
  height: number;
}

/**
 * A photo of 12 million pixels takes half of the time so, and the result is off by 0.1 to 0.6 of 255 on average.
 *
 * @param least share of its size that it must have.
 * @returns the size to decode it at, and its own, both as people see it; null: it is decoded whole.
 */
async function partOf(picture: Sharp, least: number): Promise<(Size & { whole: Size }) | null> {
  const fraction = fractions.find((one) => 1 / one >= least);
  if (!fraction) return null;
  const { autoOrient: whole } = await picture.metadata();
  return { width: Math.round(whole.width / fraction), height: Math.round(whole.height / fraction), whole };
}

/** @returns a JPEG of RGB pixels. */
export async function encodeJpeg({ data, width, height }: Pixels, quality: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
}

/**
 * Of 16 bits a colour, with its profile. sharp 0.35 brings such pixels to Display P3 where it brings 8 bits to sRGB, and does not say
 * so in what follows.
 */
async function withEightBits(bytes: Uint8Array, maxPixels: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', ignoreIcc: true })
    .keepMetadata()
    .toColourspace('srgb')
    .png({ compressionLevel: 0 })
    .toBuffer();
}

/** By the first bytes, for sharp reads many more formats, and not all of its readers are for strangers' files. */
function kindOf(bytes: Uint8Array): 'JPEG' | 'PNG' | 'deep PNG' | 'WebP' | undefined {
  const start = textAt(bytes, 0, 12);
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (/^RIFF....WEBP/s.test(start)) return 'WebP';
  if (!start.startsWith('\x89PNG\r\n\x1a\n')) return undefined;
  return bytes[24] === 16 ? 'deep PNG' : 'PNG'; // where the header says how many bits a colour has
}

/** What libvips says of it is left out: threads share its text, and one is sometimes given another's. */
async function complaint(bytes: Uint8Array, maxPixels: number, cause: unknown): Promise<InputError> {
  const sharp = await loadSharp();
  const { width, height } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => ({ width: 0, height: 0 }));
  if (width * height <= maxPixels) {
    return new InputError('The picture is cut short or damaged. Save it again.', 'unreadable_media', { cause });
  }
  return new InputError(
    `Expected a picture of at most ${maxPixels / 1e6} million pixels but received ${width} × ${height}. Make it smaller.`,
    'too_large',
    { cause },
  );
}
