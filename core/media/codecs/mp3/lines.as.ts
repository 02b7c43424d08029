// Huffman codes → the lines of a spectrum (ISO/IEC 11172-3, 2.4.3.4.6 and 2.4.3.4.7).
import { bitsAt, moveTo, position } from '../highestFirst.as';
import { Granule } from './frame.as';
import { codebooks, codebookStarts, moreBits, plainQuadruples, quadruples } from './tables.as';

/** float32 `[8207]`: powers of 4/3, of what 13 bits can add to 15. */
const powers = memory.data(8207 * 4, 16);

export function makePowers(): void {
  for (let i = 0; i < 8207; i++) store<f32>(powers + (<usize>i << 2), <f32>(<f64>i * Math.cbrt(<f64>i)));
}

/** @returns how many lines, from the lowest, tell all of so many of the 32 subbands: short blocks' come band by band. */
export function linesOf(it: Granule, subbands: i32): i32 {
  const lines = min(576, 18 * subbands + 8); // a subband's first ones reach into the one below
  if (it.shortBands == 0) return lines;
  let counted: i32 = 0;
  let band = it.bands;
  for (let i = 0; i < it.longBands; i++) counted += load<u8>(band++);
  for (; counted < lines; band += 3) counted += 3 * <i32>load<u8>(band);
  return counted;
}

/**
 * @param lines float32 `[576 + 4]`, all 0, are filled.
 * @param factors float32 `[bands]`.
 * @param partEnd position of the bit behind the last.
 * @param wanted how many of the lines are needed, from the lowest.
 */
export function decodeLines(it: Granule, lines: usize, factors: usize, partEnd: i32, wanted: i32): void {
  let place = position;
  let band = it.bands;
  let left = it.pairs;
  let factor: f32 = 0;
  let to = lines;
  const wantedEnd = lines + (<usize>wanted << 2);
  moveTo(partEnd);
  for (let region = 0; left > 0; region++) {
    const codebook = region == 0 ? it.codebook0 : region == 1 ? it.codebook1 : it.codebook2;
    const codes = codebooks + (<usize>load<u16>(codebookStarts + (<usize>codebook << 1)) << 1);
    const more: i32 = load<u8>(moreBits + codebook);
    let bands = region == 0 ? it.regions0 : region == 1 ? it.regions1 : 255;
    for (; bands > 0 && left > 0; bands--) {
      if (to >= wantedEnd || place > partEnd) return;
      const inBand: i32 = <i32>load<u8>(band++) >> 1;
      if (inBand == 0) return;
      factor = load<f32>(factors);
      factors += 4;
      for (let pairs = min(left, inBand); pairs > 0; pairs--, to += 8) {
        let bits = bitsAt(place);
        let width: i32 = 5;
        let leaf: i32 = load<i16>(codes + (<usize>(bits >>> 59) << 1));
        while (leaf < 0) {
          bits <<= width;
          place += width;
          width = leaf & 7;
          leaf = load<i16>(codes + (<usize>(<i32>(bits >>> (64 - width)) - (leaf >> 3)) << 1));
        }
        bits <<= leaf >> 8;
        place += leaf >> 8;
        const first = leaf & 15;
        if (first) {
          const taken = decodeValue(bits, first, more, factor, to);
          bits <<= taken;
          place += taken;
        }
        const second = (leaf >> 4) & 15;
        if (second) place += decodeValue(bits, second, more, factor, to + 4);
      }
      left -= inBand;
    }
  }
  decodeQuadruples(it, to, wantedEnd, band, factors, factor, -left, place, partEnd);
}

/** @returns how many bits it takes. */
// @ts-ignore: AssemblyScript's decorator
@inline
function decodeValue(bits: u64, value: i32, more: i32, factor: f32, to: usize): i32 {
  let taken: i32 = 1;
  if (value == 15 && more > 0) {
    value += <i32>(bits >>> (64 - more));
    bits <<= more;
    taken += more;
  }
  const size = factor * load<f32>(powers + (<usize>value << 2));
  store<f32>(to, <i64>bits < 0 ? -size : size);
  return taken;
}

/** @param left pairs of lines that the last band still has. */
function decodeQuadruples(
  it: Granule, to: usize, wantedEnd: usize, band: usize, factors: usize, factor: f32, left: i32, place: i32, partEnd: i32,
): void {
  const codes = it.hasPlainQuadruples ? plainQuadruples : quadruples;
  while (to < wantedEnd) {
    let bits = bitsAt(place);
    let leaf: i32 = load<u8>(codes + <usize>(bits >>> 60));
    if (!(leaf & 8)) leaf = load<u8>(codes + (leaf >> 3) + <usize>((bits << 4) >>> (64 - (leaf & 3))));
    bits <<= leaf & 7;
    place += leaf & 7;
    if (place > partEnd) return;
    for (let i = 0; i < 4; i++, to += 4) {
      if ((i & 1) == 0) {
        if (left == 0) {
          left = <i32>load<u8>(band++) >> 1;
          if (left == 0) return;
          factor = load<f32>(factors);
          factors += 4;
        }
        left--;
      }
      if (!(leaf & (128 >> i))) continue;
      store<f32>(to, <i64>bits < 0 ? -factor : factor);
      bits <<= 1;
      place++;
    }
  }
}
