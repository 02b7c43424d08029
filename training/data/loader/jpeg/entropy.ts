import type { Component, JpegHeader } from './header.ts';
import { type HuffmanTable, lookBits } from './huffman.ts';

/** Positions in a block, in the order of the file. */
export const zigzag = Uint8Array.of(
  ...[
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28,
  ],
  ...[
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
    55, 62, 63,
  ],
);

/** The coded pixels, without the bytes that only keep markers apart, and where a restart begins anew. */
export interface CodedData {
  bytes: Uint8Array;
  restarts: number[];
}

/** @throws {Error} where they end without an end marker. */
export function readCodedData(bytes: Uint8Array, { dataStart }: JpegHeader): CodedData {
  const clean = new Uint8Array(bytes.length - dataStart + 8); // and zeros, so that reading ahead stays inside
  const restarts: number[] = [];
  let length = 0;
  for (let from = dataStart; ; ) {
    const marker = bytes.indexOf(0xff, from);
    if (marker < 0 || marker + 1 >= bytes.length) throw new Error('the JPEG ends in its pixels');
    const next = bytes[marker + 1] as number;
    const end = next === 0 ? marker + 1 : marker;
    clean.set(bytes.subarray(from, end), length);
    length += end - from;
    if (next >= 0xd0 && next <= 0xd7) restarts.push(length);
    else if (next !== 0) return { bytes: clean.subarray(0, length + 8), restarts };
    from = marker + 2;
  }
}

/** Reads blocks one after the other. */
export class BlockReader {
  readonly #bytes: Uint8Array;
  readonly #restarts: number[];
  readonly #bitCount: number;
  #bit = 0;
  #restart = 0;
  readonly #dc = new Int32Array(3);

  constructor({ bytes, restarts }: CodedData) {
    this.#bytes = bytes;
    this.#restarts = restarts;
    this.#bitCount = 8 * (bytes.length - 8);
  }

  restart(): void {
    this.#bit = 8 * (this.#restarts[this.#restart++] ?? Number.NaN);
    this.#dc.fill(0);
  }

  /** @throws {Error} where more was read than there is. */
  checkEnd(): void {
    if (!(this.#bit <= this.#bitCount)) throw new Error('the JPEG ends in its pixels');
  }

  /**
   * Reads a block.
   *
   * @param scale `[64]` in the order of the file. @param block `[64]` of zeros; the values × scale are written at their places.
   * @returns the last place in the order of the file that is not zero.
   */
  read(index: number, { dc, ac }: Component, scale: Float64Array, block: Float64Array): number {
    const bytes = this.#bytes;
    let bit = this.#bit;
    let at = bit >>> 3;
    let word =
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number)) <<
      (bit & 7);
    let entry = dc.whole[word >>> (32 - lookBits)] as number;
    let difference = 0;
    if (entry !== 0) {
      bit += entry & 15;
      difference = entry >> 8;
    } else {
      const code = readCode(dc, word);
      bit += code & 255;
      const size = code >> 8;
      if (size > 0) {
        difference = readValue(bytes, bit, size);
        bit += size;
      }
    }
    const value = (this.#dc[index] as number) + difference;
    this.#dc[index] = value;
    block[0] = value * (scale[0] as number);

    let last = 0;
    const { whole } = ac;
    for (let k = 1; k < 64; k++) {
      at = bit >>> 3;
      word =
        (((bytes[at] as number) << 24) |
          ((bytes[at + 1] as number) << 16) |
          ((bytes[at + 2] as number) << 8) |
          (bytes[at + 3] as number)) <<
        (bit & 7);
      entry = whole[word >>> (32 - lookBits)] as number;
      if (entry !== 0) {
        k += (entry >> 4) & 15;
        bit += entry & 15;
        block[zigzag[k & 63] as number] = (entry >> 8) * (scale[k & 63] as number);
        last = k;
        continue;
      }
      const code = readCode(ac, word);
      bit += code & 255;
      const size = (code >> 8) & 15;
      k += code >> 12;
      if (size === 0) {
        if (code >> 12 === 15) continue; // sixteen zeros
        break; // zeros to the end
      }
      block[zigzag[k & 63] as number] = readValue(bytes, bit, size) * (scale[k & 63] as number);
      bit += size;
      last = k;
    }
    this.#bit = bit;
    if (last > 63) throw new Error('a block of the JPEG is damaged');
    return last;
  }
}

/** @returns the code's length, and its symbol above 8 bits. */
function readCode({ look, limit, offset, symbols }: HuffmanTable, word: number): number {
  const entry = look[word >>> (32 - lookBits)] as number;
  if (entry !== 0) return entry;
  const bits = word >>> 16;
  for (let length = lookBits + 1; length <= 16; length++) {
    if (bits >= (limit[length] as number)) continue;
    return ((symbols[(bits >> (16 - length)) + (offset[length] as number)] as number) << 8) | length;
  }
  throw new Error('a code of the JPEG is damaged');
}

/** @param size 1 … 15 bits. */
function readValue(bytes: Uint8Array, bit: number, size: number): number {
  const at = bit >>> 3;
  const word =
    (((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)) << (8 + (bit & 7));
  const bits = word >>> (32 - size);
  return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}
