// Two channels out of their middle and side, or out of one and where it is heard (ISO/IEC 11172-3, 2.4.3.4.9; 13818-3, 2.4.3.2).
import { positionsOf, powerOf } from './factors.as';
import { Granule, isIntensity, isMiddleSide, isMpeg1 } from './frame.as';

/** float32 `[7]`: the left one's share, in MPEG-1. */
const shares = memory.data<f32>([0, 0.21132487, 0.3660254, 0.5, 0.6339746, 0.78867513, 1]);

/** int32 `[3]`: of each of three short blocks, or of the long one, the last band in which the right channel has something. */
const tops = memory.data(12);

/**
 * @param left float32 `[576]`, as is `right`; both are written over.
 * @param it the right channel's.
 */
export function toStereo(left: usize, right: usize, it: Granule, lines: i32): void {
  if (isIntensity) spread(left, right, it);
  else if (isMiddleSide) takeSides(left, right, lines);
}

function takeSides(left: usize, right: usize, lines: i32): void {
  for (const end = left + (<usize>lines << 2); left < end; left += 4, right += 4) {
    const middle = load<f32>(left);
    const side = load<f32>(right);
    store<f32>(left, middle + side);
    store<f32>(right, middle - side);
  }
}

function spread(left: usize, right: usize, it: Granule): void {
  const bands = it.longBands + it.shortBands;
  const blocks = it.shortBands > 0 ? 3 : 1;
  findTops(right, it.bands, bands);
  if (it.longBands > 0) {
    const top = max(load<i32>(tops), max(load<i32>(tops, 4), load<i32>(tops, 8)));
    for (let i = 0; i < 3; i++) store<i32>(tops + (i << 2), top);
  }
  // The last band has no position of its own.
  const positions = positionsOf(1);
  for (let i = 0; i < blocks; i++) {
    const last = bands - blocks + i;
    const before = last - blocks;
    const isFilled = load<i32>(tops + (i << 2)) >= before;
    store<u8>(positions + last, isFilled ? (isMpeg1 ? 3 : 0) : load<u8>(positions + before));
  }
  const scale: f32 = isMiddleSide ? Mathf.SQRT2 : 1;
  const most: i32 = isMpeg1 ? 7 : 64;
  const steps = it.factorSizes & 1 ? 2 : 1; // of MPEG-2's, in quarters of a power of 2
  for (let band = 0; band < bands; band++) {
    const lines: i32 = load<u8>(it.bands + band);
    const position: i32 = load<u8>(positions + band);
    if (band > load<i32>(tops + ((band % 3) << 2)) && position < most) {
      let toLeft: f32 = 1;
      let toRight: f32 = 1;
      if (isMpeg1) {
        toLeft = load<f32>(shares + (position << 2));
        toRight = 1 - toLeft;
      } else {
        const less = powerOf(-(((position + 1) >> 1) * steps));
        if (position & 1) toLeft = less;
        else toRight = less;
      }
      share(left, right, lines, toLeft * scale, toRight * scale);
    } else if (isMiddleSide) {
      takeSides(left, right, lines);
    }
    left += <usize>lines << 2;
    right += <usize>lines << 2;
  }
}

function share(left: usize, right: usize, lines: i32, toLeft: f32, toRight: f32): void {
  for (const end = left + (<usize>lines << 2); left < end; left += 4, right += 4) {
    const both = load<f32>(left);
    store<f32>(left, both * toLeft);
    store<f32>(right, both * toRight);
  }
}

function findTops(right: usize, lengths: usize, bands: i32): void {
  memory.fill(tops, 255, 12);
  for (let band = 0; band < bands; band++) {
    const end = right + (<usize>load<u8>(lengths + band) << 2);
    for (; right < end; right += 4) {
      if (load<f32>(right) == 0) continue;
      store<i32>(tops + ((band % 3) << 2), band);
    }
  }
}
