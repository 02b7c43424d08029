import { simdKernels } from './simd/kernels.ts';
import { sinc } from './sinc.ts';

/** A decoded picture, rows from the top: RGB, or RGBA with alpha not multiplied in. A canvas' `ImageData` is one. */
export interface Pixels {
  /** `[height, width, 3 or 4]`. */
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
  /** Where it was decoded at a fraction of its size: the file's own, and that fraction, of which the last column and row may have less. */
  whole?: { width: number; height: number; fraction?: number };
}

export interface ResizeOptions {
  /** Of the whole picture, resized. */
  width: number;
  height: number;
  /** The part of the resized picture that is wanted; only what it needs is computed. */
  cut: { left: number; top: number; width: number; height: number };
}

/**
 * Resizes a picture on white: the exact mean of whole blocks of pixels, as long as that leaves twice the new size, then Lanczos
 * (three lobes). Pillow's `resize(size, LANCZOS, reducing_gap=2)` without its rounding to 8 bits in between. Each byte is read once, and
 * the numbers are the same in every JavaScript engine.
 *
 * @returns RGB uint8 `[height, width, 3]` of the cut.
 */
export function resizeImage(picture: Pixels, { width, height, cut }: ResizeOptions): Uint8Array {
  if (width === picture.width && height === picture.height) return cutOut(picture, cut);
  const { whole } = picture;
  const shown = whole?.fraction
    ? { width: whole.width * whole.fraction, height: whole.height * whole.fraction }
    : { width: picture.width, height: picture.height };
  const across = planAxis(shown.width, width, { start: cut.left, length: cut.width });
  const down = planAxis(shown.height, height, { start: cut.top, length: cut.height });
  const rowLength = 4 * Math.ceil((3 * (across.end - across.start)) / 4); // floats of a row of blocks
  const rows = createBlockRows(picture, { across, down, rowLength });

  const resized = new Uint8Array(3 * cut.width * cut.height);
  for (let y = 0; y < cut.height; y++) {
    writeRow(rows.weighted(down, y), across, resized.subarray(3 * y * cut.width));
  }
  return resized;
}

/** Of a picture that has its size already: what Lanczos gives too, whose weights are then 1 and 0. */
function cutOut({ data, width, height }: Pixels, cut: ResizeOptions['cut']): Uint8Array {
  const channels = data.length / (width * height);
  const rgb = new Uint8Array(3 * cut.width * cut.height);
  if (rgb.length === data.length) {
    rgb.set(data);
    return rgb;
  }
  for (let y = 0, to = 0; y < cut.height; y++) {
    const start = channels * ((cut.top + y) * width + cut.left);
    const row = data.subarray(start, start + channels * cut.width);
    if (channels === 3) {
      rgb.set(row, to);
      to += row.length;
      continue;
    }
    for (let from = 0; from < row.length; from += 4, to += 3) {
      const alpha = row[from + 3] as number;
      for (let channel = 0; channel < 3; channel++) {
        const value = row[from + channel] as number;
        rgb[to + channel] = alpha === 255 ? value : Math.round(255 + ((value - 255) * alpha) / 255);
      }
    }
  }
  return rgb;
}

/** How one axis of a picture becomes shorter or longer. Positions are of blocks, each `factor` pixels long but the last. */
interface Axis {
  factor: number;
  /** Blocks that are needed, `end` not included. */
  start: number;
  end: number;
  /** For output n of the cut: the first block that it is made of, and the weights of the `taps` blocks from there on. */
  firsts: Int32Array;
  weights: Float32Array;
  taps: number;
}

const lobes = 3;
/** Lanczos is left at least this much to make smaller: it keeps details that a mean over blocks blurs. */
const reducingGap = 2;

/** @param from pixels that there are, the last one perhaps a part of one. */
function planAxis(from: number, to: number, cut: { start: number; length: number }): Axis {
  const factor = Math.max(1, Math.floor(from / to / reducingGap));
  const blocks = Math.ceil(from / factor);
  const scale = from / factor / to; // blocks to one pixel
  const stretch = Math.max(1, scale);
  const taps = Math.min(blocks, 2 * Math.ceil(lobes * stretch) + 1);
  const firsts = new Int32Array(cut.length);
  const weights = new Float32Array(cut.length * taps);
  for (let n = 0; n < cut.length; n++) {
    const centre = (cut.start + n + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.min(blocks - taps, Math.ceil(centre - lobes * stretch)));
    firsts[n] = first;
    let sum = 0;
    const values = Array.from({ length: taps }, (_, tap) => lanczos((first + tap - centre) / stretch));
    for (const value of values) sum += value;
    for (let tap = 0; tap < taps; tap++) weights[n * taps + tap] = (values[tap] as number) / sum;
  }
  const start = firsts[0] as number;
  return { factor, start, end: (firsts[cut.length - 1] as number) + taps, firsts, weights, taps };
}

function lanczos(x: number): number {
  return Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0;
}

/** The picture's blocks, made row by row as they are asked for, from the top down; as many rows are kept as one output needs. */
function createBlockRows(
  { data, width, height }: Pixels,
  { across, down, rowLength }: { across: Axis; down: Axis; rowLength: number },
): { weighted(axis: Axis, n: number): Float32Array } {
  const channels = data.length / (width * height);
  const left = channels * across.start * across.factor;
  const bytesWanted = Math.min(channels * width, channels * across.end * across.factor) - left;
  const sumLength = 16 * Math.ceil(bytesWanted / 16);
  const at = { bytes: 0, sums: sumLength, result: 5 * sumLength, rows: 5 * sumLength + 4 * rowLength };
  const kernels = simdKernels(at.rows + 4 * rowLength * down.taps);
  const { buffer } = kernels.memory;
  const bytes = new Uint8Array(buffer, at.bytes, bytesWanted);
  const sums = new Uint32Array(buffer, at.sums, sumLength);
  const result = new Float32Array(buffer, at.result, rowLength);
  const placeOf = (row: number) => at.rows + 4 * rowLength * (row % down.taps);
  let made = down.start;

  const makeRow = (row: number) => {
    const top = row * down.factor;
    const bottom = Math.min(height, top + down.factor);
    sums.fill(0);
    for (let y = top; y < bottom; y++) {
      const start = channels * width * y + left;
      bytes.set(data.subarray(start, start + bytesWanted));
      if (channels === 4) layOnWhite(bytes);
      kernels.addBytes(at.bytes, at.sums, sumLength);
    }
    meanOfBlocks(sums.subarray(0, bytesWanted), new Float32Array(buffer, placeOf(row), rowLength), {
      channels,
      blockLength: across.factor,
      rows: bottom - top,
    });
  };

  return {
    weighted({ firsts, weights, taps }, n) {
      const first = firsts[n] as number;
      for (; made < first + taps; made++) makeRow(made);
      result.fill(0);
      for (let tap = 0; tap < taps; tap++) {
        kernels.addWeighted(placeOf(first + tap), weights[n * taps + tap] as number, at.result, rowLength);
      }
      return result;
    },
  };
}

/** @param rgba at a whole word of its memory. */
function layOnWhite(rgba: Uint8Array): void {
  const words = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4);
  for (let i = 0; i < words.length; i++) {
    if ((words[i] as number) >= 0xff000000) continue; // opaque: WebAssembly's memory has the alpha last, and highest
    const alpha = rgba[4 * i + 3] as number;
    for (let channel = 4 * i; channel < 4 * i + 3; channel++) {
      rgba[channel] = Math.round(255 + (((rgba[channel] as number) - 255) * alpha) / 255);
    }
  }
}

/** @param sums `[pixels · channels]` of so many rows → `means` `[blocks · 3]`. */
function meanOfBlocks(
  sums: Uint32Array,
  means: Float32Array,
  { channels, blockLength, rows }: { channels: number; blockLength: number; rows: number },
): void {
  const blockValues = channels * blockLength;
  for (let start = 0, to = 0; start < sums.length; start += blockValues) {
    const end = Math.min(sums.length, start + blockValues);
    let [red, green, blue] = [0, 0, 0];
    for (let i = start; i < end; i += channels) {
      red += sums[i] as number;
      green += sums[i + 1] as number;
      blue += sums[i + 2] as number;
    }
    const pixels = (rows * (end - start)) / channels;
    means[to++] = red / pixels;
    means[to++] = green / pixels;
    means[to++] = blue / pixels;
  }
}

/** One row of blocks → one of the resized picture. */
function writeRow(blocks: Float32Array, { firsts, weights, taps, start }: Axis, row: Uint8Array): void {
  for (let x = 0; x < firsts.length; x++) {
    let [red, green, blue] = [0, 0, 0];
    let from = 3 * ((firsts[x] as number) - start);
    for (let tap = x * taps; tap < (x + 1) * taps; tap++, from += 3) {
      const weight = weights[tap] as number;
      red += weight * (blocks[from] as number);
      green += weight * (blocks[from + 1] as number);
      blue += weight * (blocks[from + 2] as number);
    }
    row[3 * x] = toByte(red);
    row[3 * x + 1] = toByte(green);
    row[3 * x + 2] = toByte(blue);
  }
}

function toByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.floor(value + 0.5);
}
