// What the lines of each band are multiplied by (ISO/IEC 11172-3, 2.4.3.4.7; 13818-3, 2.4.3.2).
import { read } from '../highestFirst.as';
import { Granule, isIntensity, isMiddleSide, isMpeg1 } from './frame.as';

/** uint8 `[3, 28]`, of long, mixed and short blocks: factors in each quarter, by how MPEG-2 counts them; the last line, 16 on, is MPEG-1's. */
const quarters = memory.data<u8>([
  6, 5, 5, 5, 6, 5, 5, 5, 6, 5, 7, 3, 11, 10, 0, 0, 7, 7, 7, 0, 6, 6, 6, 3, 8, 8, 5, 0,
  8, 9, 6, 12, 6, 9, 9, 9, 6, 9, 12, 6, 15, 18, 0, 0, 6, 15, 12, 0, 6, 12, 9, 6, 6, 18, 9, 0,
  9, 9, 6, 12, 9, 9, 9, 9, 9, 9, 12, 6, 18, 18, 0, 0, 12, 12, 12, 0, 12, 9, 9, 6, 15, 12, 9, 0,
]);
/** uint8 `[16]`: bits of the first two quarters << 2 | of the others, in MPEG-1. */
const sizes1 = memory.data<u8>([0, 1, 2, 3, 12, 5, 6, 7, 9, 10, 11, 13, 14, 15, 18, 19]);
/** uint8 `[6, 4]`: what the sizes are the remainders of, in MPEG-2. */
const sizes2 = memory.data<u8>([5, 5, 4, 4, 5, 5, 4, 1, 4, 3, 1, 1, 5, 6, 6, 1, 4, 4, 4, 1, 4, 3, 1, 1]);
const preEmphasis = memory.data<u8>([1, 1, 1, 1, 2, 2, 3, 3, 3, 2]);

/** uint8 `[4]`, `[48]`. */
const sizes = memory.data(4);
const own = memory.data(48);
/** uint8 `[2, 48]`: each channel's last factors; 255 where it is the highest that MPEG-2 has, which says that there is no intensity. */
const last = memory.data(2 * 48);

export function positionsOf(channel: i32): usize {
  return last + <usize>channel * 48;
}

/** 2^(quarters / 4), from −500 to 500. */
export function powerOf(quarters: i32): f32 {
  const part = quarters & 3;
  const share: f32 = part == 0 ? 1 : part == 1 ? 1.189207115 : part == 2 ? 1.414213562 : 1.681792831;
  return share * reinterpret<f32>(max(0, (quarters >> 2) + 127) << 23);
}

/** @param factors float32 `[bands]` is filled. */
export function readFactors(it: Granule, channel: i32, factors: usize): void {
  let counts = quarters + <usize>(it.shortBands == 0 ? 0 : it.longBands > 0 ? 28 : 56);
  let kept = it.factorsKept;
  if (isMpeg1) {
    const found: i32 = load<u8>(sizes1 + it.factorSizes);
    for (let i = 0; i < 4; i++) store<u8>(sizes + i, i < 2 ? found >> 2 : found & 3);
  } else {
    counts += readSizes2(it.factorSizes, isIntensity && channel == 1);
    kept = -16;
  }
  const bands = it.longBands + it.shortBands;
  readAll(counts, kept, positionsOf(channel));
  if (it.shortBands > 0) {
    const shift = 3 - it.factorShift;
    for (let band = it.longBands; band < bands; band += 3) {
      store<u8>(own + band, load<u8>(own + band) + (it.windowGain0 << shift));
      store<u8>(own + band, load<u8>(own + band, 1) + (it.windowGain1 << shift), 1);
      store<u8>(own + band, load<u8>(own + band, 2) + (it.windowGain2 << shift), 2);
    }
  } else if (it.hasPreEmphasis) {
    for (let i = 0; i < 10; i++) store<u8>(own + 11 + i, load<u8>(own + 11 + i) + load<u8>(preEmphasis + i));
  }
  const gain = it.gain - 210 - (isMiddleSide ? 2 : 0);
  for (let band = 0; band < bands; band++) {
    store<f32>(factors + (<usize>band << 2), powerOf(gain - (<i32>load<u8>(own + band) << it.factorShift)));
  }
}

/** @returns where in a line of `quarters` their counts stand. */
function readSizes2(coded: i32, isIntense: bool): i32 {
  let left = isIntense ? coded >> 1 : coded;
  let row = isIntense ? 12 : 0;
  while (left >= 0) {
    let product: i32 = 1;
    for (let i = 3; i >= 0; i--) {
      const each: i32 = load<u8>(sizes2 + row + i);
      store<u8>(sizes + i, (left / product) % each);
      product *= each;
    }
    left -= product;
    row += 4;
  }
  return row;
}

function readAll(counts: usize, kept: i32, before: usize): void {
  let to = own;
  for (let i = 0; i < 4; i++, kept <<= 1) {
    const count: i32 = load<u8>(counts + i);
    if (count == 0) break;
    const size: i32 = load<u8>(sizes + i);
    if ((kept & 8) != 0 && kept >= 0) {
      memory.copy(to, before, count);
    } else if (size == 0) {
      memory.fill(to, 0, count);
      memory.fill(before, 0, count);
    } else {
      const none = kept < 0 ? (1 << size) - 1 : -1;
      for (let k = 0; k < count; k++) {
        const value = read(size);
        store<u8>(before + k, value == none ? 255 : value);
        store<u8>(to + k, value);
      }
    }
    before += count;
    to += count;
  }
  memory.fill(to, 0, 3);
}
