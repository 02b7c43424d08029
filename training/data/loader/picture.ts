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
  const chroma = new Int32Array(size.width);
  // Whole numbers: 16 bits after the point.
  const light = Math.round(cut.brightness * 65536);
  const colour = cut.brightness * cut.saturation * 65536;
  const redToRed = Math.round(1.402 * colour);
  const blueToGreen = Math.round(-0.344136 * colour);
  const redToGreen = Math.round(-0.714136 * colour);
  const blueToBlue = Math.round(1.772 * colour);
  // Half for rounding; chroma 128 is no colour.
  const red0 = 32768 - 128 * redToRed;
  const green0 = 32768 - 128 * (blueToGreen + redToGreen);
  const blue0 = 32768 - 128 * blueToBlue;
  const step = cut.isMirrored ? -3 : 3;
  for (let y = 0; y < size.height; y++) {
    readChroma(planes, { left: cut.left, row: cut.top + y }, chroma);
    const from = (cut.top + y - planes.top) * lumaStride + cut.left - planes.left;
    let to = 3 * (y * size.width + (cut.isMirrored ? size.width - 1 : 0));
    for (let x = 0; x < size.width; x++, to += step) {
      const value = Math.imul(light, luma[from + x] as number);
      const both = chroma[x] as number;
      const blue = both >> 20;
      const red = (both >> 4) & 0xfff;
      target[to] = (value + Math.imul(redToRed, red) + red0) >> 16;
      target[to + 1] = (value + Math.imul(blueToGreen, blue) + Math.imul(redToGreen, red) + green0) >> 16;
      target[to + 2] = (value + Math.imul(blueToBlue, blue) + blue0) >> 16;
    }
  }
}

/**
 * One row of chroma at the size of luma; where it was halved, a value is ¾ of the nearest and ¼ of the next, across and down, as in
 * libjpeg.
 *
 * @param values written over: 16 × blue chroma in the upper 16 bits, 16 × red in the lower, so that one sum blends both.
 */
function readChroma(
  { header, left, top, blue, red, chromaStride }: Planes,
  part: { left: number; row: number },
  values: Int32Array,
): void {
  if (header.chromaShift === 0) {
    const from = (part.row - top) * chromaStride + part.left - left;
    for (let x = 0; x < values.length; x++) {
      values[x] = ((blue[from + x] as number) << 20) | ((red[from + x] as number) << 4);
    }
    return;
  }
  const lastColumn = ((header.width + 1) >> 1) - 1;
  const lastRow = ((header.height + 1) >> 1) - 1;
  const row = part.row >> 1;
  const nextRow = Math.max(0, Math.min(lastRow, part.row & 1 ? row + 1 : row - 1));
  const near = (row - (top >> 1)) * chromaStride - (left >> 1);
  const far = (nextRow - (top >> 1)) * chromaStride - (left >> 1);
  const first = part.left >> 1;
  let before = 0;
  let here = 0;
  for (let column = first - 1, x = 2 * (first - 2) - part.left; x < values.length; column++, x += 2) {
    const at = column < 0 ? 0 : column > lastColumn ? lastColumn : column;
    const after =
      (3 * (((blue[near + at] as number) << 16) | (red[near + at] as number)) +
        (((blue[far + at] as number) << 16) | (red[far + at] as number))) |
      0;
    if (x >= 0) values[x] = 3 * here + before + 0x80008;
    if (x >= -1 && x + 1 < values.length) values[x + 1] = 3 * here + after + 0x70007;
    before = here;
    here = after;
  }
}
