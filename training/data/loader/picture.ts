import type { Random } from '#core/random.ts';
import type { Augmentation } from './augmentation.ts';
import type { Planes } from './jpeg/planes.ts';

export interface Size {
  width: number;
  height: number;
}

/** Which part of a picture is shown, and how. */
export interface PictureCut {
  left: number;
  top: number;
  isMirrored: boolean;
  /** Factor of every value. */
  brightness: number;
  /** 0 grey, 1 as it is. */
  saturation: number;
}

/** @param size of the part. The same random numbers are taken whatever is switched on. */
export function drawCut(
  picture: Size,
  size: Size,
  { randomCrop, flip, brightness, saturation }: Augmentation,
  random: Random,
): PictureCut {
  const place = (spare: number) => {
    const any = random.integer(spare + 1);
    return randomCrop ? any : Math.floor(spare / 2);
  };
  return {
    left: place(picture.width - size.width),
    top: place(picture.height - size.height),
    isMirrored: random.uniform() < 0.5 && flip,
    brightness: 1 + random.uniform(-brightness, brightness),
    saturation: 1 + random.uniform(-saturation, saturation),
  };
}

/**
 * From luma and chroma to RGB: cuts, mirrors and colours in one pass. Saturation is a factor of chroma, for a colour's grey (Rec.
 * 601, as in Pillow) is its luma.
 *
 * @param target RGB uint8 `[size.height, size.width, 3]`, written over; it cuts off what is below 0 or above 255.
 */
export function writeCut(planes: Planes, cut: PictureCut, size: Size, target: Uint8ClampedArray): void {
  const { luma, lumaStride } = planes;
  const blue = new Int32Array(size.width);
  const red = new Int32Array(size.width);
  // Whole numbers: 16 bits after the point.
  const light = Math.round(cut.brightness * 65536);
  const colour = cut.brightness * cut.saturation * 65536;
  const redToRed = Math.round(1.402 * colour);
  const blueToGreen = Math.round(-0.344136 * colour);
  const redToGreen = Math.round(-0.714136 * colour);
  const blueToBlue = Math.round(1.772 * colour);
  const step = cut.isMirrored ? -3 : 3;
  for (let y = 0; y < size.height; y++) {
    readChroma(planes, planes.blue, { left: cut.left, row: cut.top + y }, blue);
    readChroma(planes, planes.red, { left: cut.left, row: cut.top + y }, red);
    const from = (cut.top + y - planes.top) * lumaStride + cut.left - planes.left;
    let to = 3 * (y * size.width + (cut.isMirrored ? size.width - 1 : 0));
    for (let x = 0; x < size.width; x++, to += step) {
      const value = (Math.imul(light, luma[from + x] as number) + 32768) | 0;
      const b = ((blue[x] as number) - 128) | 0;
      const r = ((red[x] as number) - 128) | 0;
      target[to] = (value + Math.imul(redToRed, r)) >> 16;
      target[to + 1] = (value + Math.imul(blueToGreen, b) + Math.imul(redToGreen, r)) >> 16;
      target[to + 2] = (value + Math.imul(blueToBlue, b)) >> 16;
    }
  }
}

/**
 * One row of chroma at the size of luma; where it was halved, a value is ¾ of the nearest and ¼ of the next, across and down, as in
 * libjpeg.
 */
function readChroma(
  { header, left, top, chromaStride }: Planes,
  plane: Uint8ClampedArray,
  part: { left: number; row: number },
  values: Int32Array,
): void {
  if (header.chromaShift === 0) {
    const from = (part.row - top) * chromaStride + part.left - left;
    for (let x = 0; x < values.length; x++) values[x] = plane[from + x] as number;
    return;
  }
  const lastColumn = ((header.width + 1) >> 1) - 1;
  const lastRow = ((header.height + 1) >> 1) - 1;
  const row = part.row >> 1;
  const nextRow = Math.max(0, Math.min(lastRow, part.row & 1 ? row + 1 : row - 1));
  const nearest = (row - (top >> 1)) * chromaStride - (left >> 1);
  const next = (nextRow - (top >> 1)) * chromaStride - (left >> 1);
  const first = part.left >> 1;
  const start = Math.max(0, first - 1);
  let before = (3 * (plane[nearest + start] as number) + (plane[next + start] as number)) | 0;
  let here = (3 * (plane[nearest + first] as number) + (plane[next + first] as number)) | 0;
  for (let column = first, x = 2 * first - part.left; x < values.length; column++, x += 2) {
    const end = column < lastColumn ? column + 1 : lastColumn;
    const after = (3 * (plane[nearest + end] as number) + (plane[next + end] as number)) | 0;
    if (x >= 0) values[x] = (3 * here + before + 8) >> 4;
    if (x + 1 < values.length) values[x + 1] = (3 * here + after + 7) >> 4;
    before = here;
    here = after;
  }
}
