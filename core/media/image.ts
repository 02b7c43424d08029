import type { ImageInput } from '../bundle/manifest.ts';
import { InputError } from '../errors.ts';
import { type Pixels, resizeImage } from './resize.ts';

/** A resized picture may be this many pixels long. What is many times longer than wide shows nothing in a square. */
const maxLongSide = 16_384;

/**
 * Lays a picture on white, resizes it to a model's short side and cuts the centre out.
 *
 * @returns RGB uint8 `[height, width, 3]` of the model's size.
 * @throws {InputError} for a picture without pixels, or one too narrow to resize.
 */
export function prepareImage(picture: Pixels, input: Pick<ImageInput, 'width' | 'height' | 'shortSide'>): Uint8Array {
  expectPixels(picture);
  const fitted = fitShortSide(picture.whole ?? picture, input.shortSide);
  const width = Math.max(input.width, fitted.width);
  const height = Math.max(input.height, fitted.height);
  const [left, top] = [(width - input.width) >> 1, (height - input.height) >> 1];
  return resizeImage(picture, { width, height, cut: { left, top, width: input.width, height: input.height } });
}

/**
 * Lays a whole picture on white and resizes it to a short side: what a dataset keeps of it.
 *
 * @returns RGB uint8 `[height, width, 3]`.
 * @throws {InputError} for a picture without pixels, or one too narrow to resize.
 */
export function prepareWholeImage(picture: Pixels, shortSide: number): Pixels {
  expectPixels(picture);
  const size = fitShortSide(picture.whole ?? picture, shortSide);
  return { data: resizeImage(picture, { ...size, cut: { left: 0, top: 0, ...size } }), ...size };
}

function fitShortSide(
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  shortSide: number,
): { width: number; height: number } {
  const scale = shortSide / Math.min(width, height);
  const fitted = { width: Math.round(width * scale), height: Math.round(height * scale) };
  if (Math.max(fitted.width, fitted.height) <= maxLongSide) return fitted;
  throw new InputError(`Expected a picture but ${width} × ${height} pixels are a line. Cut out the part that matters.`);
}

function expectPixels({ data, width, height }: Pixels): void {
  const channels = data.length / (width * height);
  if (channels === 3 || channels === 4) return;
  throw new InputError(
    `Expected ${width} × ${height} RGB or RGBA pixels but received ${data.length} bytes.`,
    'unreadable_media',
  );
}
