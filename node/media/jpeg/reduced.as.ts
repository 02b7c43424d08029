// Decodes a JPEG (ITU-T T.81) at an eighth of its size, in AssemblyScript, which reads like TypeScript and becomes WebAssembly.
// `node bin/compileWasm.mjs` compiles it into `binary.ts`. A pixel is the mean of those that it stands for, made of its block's lowest
// frequencies; all others are only counted, several codes at a time. Of a progressive one the lowest alone is taken, the blocks' means, which
// have scans of their own. Addresses are bytes. Whatever is not as it should be gives false.

import { isBeyond, isRead, leave, makeRoom, next, reach, refilled, turnTo, waiting, waitingBits } from './bits.as';
import { Codes, codeOf, endsBlock, isEndOfBlock, passedShift, passOf, scratch as told, takeTable } from './codes.as';

/** uint8 `[64]`: where the coefficients of the file's order stand, rows of 8. */
const zigzag = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43,
  36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);

/** A colour's plane, and how it is coded. */
@unmanaged
class Component {
  /** Blocks in a unit, across and down. */
  across: i32;
  down: i32;
  /** Pixels that are made of a block, across and down. */
  width: i32;
  height: i32;
  dc: Codes;
  ac: Codes;
  /** float32 `[64]`, in the file's order. */
  quantisation: usize;
  /** float32 `[8, 8]` each: what a frequency adds to a pixel. */
  basisAcross: usize;
  basisDown: usize;
  /** Number of the last coefficient in the file's order that is wanted. */
  last: i32;
  /** Of the last block. */
  dcValue: i32;
  /** uint8 `[height, width]` of all units. */
  plane: usize;
  /** int32 `[blocksDown, blocksAcross]` of all units, of a progressive picture: each block's lowest frequency, so far as it is known. */
  lowest: usize;
  blocksAcross: i32;
}

const components = memory.data(3 * 64, 16);
const quantisations = memory.data(3 * 64 * 4, 16);
const bases = memory.data(6 * 64 * 4, 16);
/** float32 `[8, 8]` each: a block's coefficients, and half way to its pixels. */
const block = memory.data(64 * 4, 16);
const halfWay = memory.data(64 * 4, 16);

// @ts-ignore: AssemblyScript's decorator
@inline
function componentOf(i: i32): Component {
  return changetype<Component>(components + <usize>i * 64);
}

/** @returns where a table is put for {@link huffman}, and for {@link component}. */
export function scratch(): usize {
  return told;
}

/** Takes a Huffman table. @param place DC 0 and 1, AC 0 and 1. @returns false for one that makes no sense. */
export function huffman(place: i32): bool {
  return takeTable(place);
}

/**
 * Takes a component and its quantisation: uint16 `[64]` in the file's order.
 *
 * @param width of what is made of a block, a power of two up to 8, as is `height`: 1, and more where the component has fewer blocks than others.
 */
export function component(i: i32, across: i32, down: i32, width: i32, height: i32, dc: i32, ac: i32): void {
  const it = componentOf(i);
  it.across = across;
  it.down = down;
  it.width = width;
  it.height = height;
  it.dc = dc;
  it.ac = 2 + ac;
  it.quantisation = quantisations + <usize>i * 256;
  it.basisAcross = bases + <usize>i * 512;
  it.basisDown = it.basisAcross + 256;
  makeBasis(it.basisAcross, width);
  makeBasis(it.basisDown, height);
  it.last = 0;
  for (let k = 0; k < 64; k++) {
    store<f32>(it.quantisation + (<usize>k << 2), <f32>load<u16>(told + (<usize>k << 1)));
    const place: i32 = load<u8>(zigzag + k);
    if ((place & 7) < width && place >> 3 < height) it.last = k;
  }
}

/** The inverse cosine transform (T.81, A.3.3), its values' mean over the pixels that one stands for. */
function makeBasis(basis: usize, pixels: i32): void {
  const each = 8 / pixels;
  for (let x = 0; x < pixels; x++) {
    for (let u = 0; u < pixels; u++) {
      let sum: f64 = 0;
      for (let n = x * each; n < (x + 1) * each; n++) sum += Math.cos(((2 * n + 1) * u * Math.PI) / 16);
      const scale = u == 0 ? Math.SQRT1_2 / 2 : 0.5;
      store<f32>(basis + (<usize>(8 * x + u) << 2), <f32>((scale * sum) / each));
    }
  }
}

/** Bytes from one plane to the next, and from one row of it to the next. */
let planeBytes: i32 = 0;
let stride: i32 = 0;
/** Where the planes end. */
let planesEnd: usize = 0;

/**
 * Makes room for a picture's planes, all of the same size.
 *
 * @param count components.
 * @param unitsAcross units, of which each has its blocks of every component.
 */
export function begin(count: i32, unitsAcross: i32, unitsDown: i32, isProgressive: bool): void {
  const first = componentOf(0);
  stride = unitsAcross * first.across * first.width;
  planeBytes = stride * unitsDown * first.down * first.height;
  let end = (__heap_base + 15) & ~15;
  for (let i = 0; i < count; i++, end += planeBytes) componentOf(i).plane = end;
  end = (end + 15) & ~15;
  if (isProgressive) {
    const lowest = end;
    for (let i = 0; i < count; i++) {
      const it = componentOf(i);
      it.blocksAcross = unitsAcross * it.across;
      it.lowest = end;
      end += <usize>(it.blocksAcross * unitsDown * it.down) << 2;
    }
    reach(end);
    memory.fill(lowest, 0, end - lowest);
  }
  planesEnd = end;
}

/** @returns where so many bytes are put: what is coded, from the first byte behind a scan's header to the marker behind it or further. */
export function take(bytes: i32): usize {
  return makeRoom(planesEnd, bytes);
}

/** Decodes the one scan of a picture that is not progressive, of all components. Behind it the picture ends. */
export function decode(count: i32, unitsAcross: i32, unitsDown: i32, restartUnits: i32): bool {
  const units = unitsAcross * unitsDown;
  let at = turnTo();
  for (let unit = 0, restarts = 0; unit < units; ) {
    if (at == 0) return false;
    for (let i = 0; i < count; i++) componentOf(i).dcValue = 0;
    const end = restartUnits > 0 ? min(units, unit + restartUnits) : units;
    for (; unit < end; unit++) {
      if (!decodeUnit(count, unit % unitsAcross, unit / unitsAcross)) return false;
    }
    if (!isRead()) return false;
    const marker = load<u8>(at + 1);
    if (marker != (unit < units ? 0xd0 | (restarts++ & 7) : 0xd9)) return false;
    if (unit < units) at = turnTo(at + 2);
  }
  return true;
}

/**
 * Decodes a progressive picture's scan of the lowest frequencies.
 *
 * @param parts a bit for each component that it has.
 * @param unitsAcross units of it, as is `unitsDown`: of a single component those are blocks.
 * @param isFirst whether nothing is known of them; else this is their next bit.
 * @param missing how many bits come later.
 */
export function decodeLowest(
  parts: i32, unitsAcross: i32, unitsDown: i32, restartUnits: i32, isFirst: bool, missing: i32,
): bool {
  const units = unitsAcross * unitsDown;
  let at = turnTo();
  for (let unit = 0, restarts = 0; unit < units; ) {
    if (at == 0) return false;
    for (let i = 0; i < 3; i++) componentOf(i).dcValue = 0;
    const end = restartUnits > 0 ? min(units, unit + restartUnits) : units;
    for (; unit < end; unit++) {
      if (!decodeLowestOfUnit(parts, unit % unitsAcross, unit / unitsAcross, isFirst, missing)) return false;
    }
    if (!isRead()) return false;
    if (unit === units) return true;
    if (load<u8>(at + 1) != (0xd0 | (restarts++ & 7))) return false;
    at = turnTo(at + 2);
  }
  return true;
}

function decodeUnit(count: i32, unitX: i32, unitY: i32): bool {
  for (let i = 0; i < count; i++) {
    const it = componentOf(i);
    for (let y = 0; y < it.down; y++) {
      const row = it.plane + <usize>((unitY * it.down + y) * it.height * stride);
      for (let x = 0; x < it.across; x++) {
        if (!decodeBlock(it, row + <usize>((unitX * it.across + x) * it.width))) return false;
      }
    }
  }
  return true;
}

function decodeLowestOfUnit(parts: i32, unitX: i32, unitY: i32, isFirst: bool, missing: i32): bool {
  const isSingle = (parts & (parts - 1)) == 0;
  for (let i = 0; parts >> i > 0; i++) {
    if (!((parts >> i) & 1)) continue;
    const it = componentOf(i);
    const across = isSingle ? 1 : it.across;
    const down = isSingle ? 1 : it.down;
    for (let y = 0; y < down; y++) {
      for (let x = 0; x < across; x++) {
        const place = it.lowest + (<usize>((unitY * down + y) * it.blocksAcross + unitX * across + x) << 2);
        if (!decodeLowestOfBlock(it, place, isFirst, missing)) return false;
      }
    }
  }
  return true;
}

/** @param place of what is known of it (T.81, G.1.2.1). */
function decodeLowestOfBlock(it: Component, place: usize, isFirst: bool, missing: i32): bool {
  if (isBeyond()) return false;
  let bits = refilled(waiting, waitingBits, next);
  const from = next - ((63 - waitingBits) >> 3);
  let count = waitingBits | 56;
  if (isFirst) {
    const code = codeOf(it.dc, bits);
    if (code == 0) return false;
    const size = code & 255;
    bits <<= code >> 8;
    it.dcValue += valueOf(bits, size);
    store<i32>(place, it.dcValue << missing);
    bits <<= size;
    count -= (code >> 8) + size;
  } else {
    store<i32>(place, load<i32>(place) | <i32>((bits >>> 63) << missing));
    bits <<= 1;
    count--;
  }
  leave(bits, count, from);
  return true;
}

/** Of a progressive picture: all blocks' lowest frequencies → the components' planes. */
export function fillPlanes(count: i32, unitsAcross: i32, unitsDown: i32): void {
  for (let i = 0; i < count; i++) {
    const it = componentOf(i);
    const scale: f32 = 0.125 * load<f32>(it.quantisation);
    let from = it.lowest;
    for (let y = 0; y < unitsDown * it.down; y++) {
      let pixels = it.plane + <usize>(y * it.height * stride);
      for (let x = 0; x < it.blocksAcross; x++, from += 4, pixels += it.width) {
        fill(it, pixels, toByte(<f32>load<i32>(from) * scale + 128));
      }
    }
  }
}

/** @param pixels of the block in its component's plane. */
function decodeBlock(it: Component, pixels: usize): bool {
  if (isBeyond()) return false;
  let bits = refilled(waiting, waitingBits, next);
  let from = next - ((63 - waitingBits) >> 3);
  let count = waitingBits | 56;
  let code = codeOf(it.dc, bits);
  if (code == 0) return false;
  let size = code & 255;
  bits <<= code >> 8;
  it.dcValue += valueOf(bits, size);
  bits <<= size;
  count -= (code >> 8) + size;
  const dc = <f32>it.dcValue * load<f32>(it.quantisation);

  const last = it.last;
  let isFlat = true;
  let passed: i32 = 0; // coefficients behind the first
  let hasEnded = false;
  if (last > 0) clear(<usize>it.height << 5); // what stands in rows of 8
  while (passed < last) {
    bits = refilled(bits, count, from);
    from -= (63 - count) >> 3;
    count |= 56;
    code = codeOf(it.ac, bits);
    if (code == 0) return false;
    size = code & 15;
    bits <<= code >> 8;
    count -= (code >> 8) + size;
    hasEnded = isEndOfBlock(code);
    if (hasEnded) break;
    passed += ((code >> 4) & 15) + 1;
    if (passed > 63) return false;
    if (passed <= last) {
      const place: i32 = load<u8>(zigzag + passed);
      if (size > 0 && (place & 7) < it.width && place >> 3 < it.height) {
        const value = <f32>valueOf(bits, size) * load<f32>(it.quantisation + (<usize>passed << 2));
        store<f32>(block + (<usize>place << 2), value);
        isFlat = false;
      }
    }
    bits <<= size;
  }
  leave(bits, count, from);
  if (!hasEnded && !passOver(it.ac, passed)) return false;

  if (isFlat) fill(it, pixels, toByte(dc * 0.125 + 128));
  else {
    store<f32>(block, dc);
    if (it.width == 2 && it.height == 2) transformToFour(it, pixels);
    else transform(it, pixels);
  }
  return true;
}

/** Passes over the rest of a block. @param passed coefficients before, of the 63 behind the first. */
function passOver(ac: Codes, passed: i32): bool {
  let bits = waiting;
  let count = waitingBits;
  let from = next;
  while (passed < 63) {
    bits = refilled(bits, count, from);
    from -= (63 - count) >> 3;
    count |= 56;
    let pass = passOf(ac, bits);
    let then = passed + <i32>(pass >> passedShift);
    if (then < 63) {
      bits <<= pass;
      count -= <i32>pass & 63;
      passed = then;
      pass = passOf(ac, bits);
      then = passed + <i32>(pass >> passedShift);
      if (then < 63) {
        bits <<= pass;
        count -= <i32>pass & 63;
        passed = then;
        continue;
      }
    }
    if (then == 63 || (then >= endsBlock && then < endsBlock + 63)) {
      bits <<= pass;
      count -= <i32>pass & 63;
      break;
    }
    // The next code is a long one, or the last before the block is full: behind it another block's begin.
    const code = codeOf(ac, bits);
    if (code == 0) return false;
    bits <<= (code >> 8) + (code & 15);
    count -= (code >> 8) + (code & 15);
    if (isEndOfBlock(code)) break;
    passed += ((code >> 4) & 15) + 1;
    if (passed > 63) return false;
  }
  leave(bits, count, from);
  return true;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function clear(bytes: usize): void {
  for (let at = block; at < block + bytes; at += 16) v128.store(at, i8x16.splat(0));
}

/** The value that is coded in the highest `size` bits (T.81, F.2.2.1), without a branch; of none it is 0. */
// @ts-ignore: AssemblyScript's decorator
@inline
function valueOf(bits: u64, size: i32): i32 {
  const value = <i32>((bits >>> 1) >>> (63 - size));
  return value + select<i32>(1 - (1 << size), 0, value < (1 << size) >> 1);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function toByte(value: f32): u8 {
  return <u8>max<f32>(0, min<f32>(255, value + 0.5));
}

function fill(it: Component, pixels: usize, value: u8): void {
  for (let y = 0; y < it.height; y++, pixels += stride) {
    for (let x = 0; x < it.width; x++) store<u8>(pixels + x, value);
  }
}

/** As {@link transform}, for the chroma that most pictures have: 2 × 2 pixels of a block. */
function transformToFour(it: Component, pixels: usize): void {
  const even = load<f32>(it.basisAcross); // of the first frequency and of the second, which is the opposite for the second pixel
  const odd = load<f32>(it.basisAcross, 4);
  const left = even * load<f32>(block) + odd * load<f32>(block, 4);
  const right = even * load<f32>(block) - odd * load<f32>(block, 4);
  const leftDifference = odd * (even * load<f32>(block, 32) + odd * load<f32>(block, 36));
  const rightDifference = odd * (even * load<f32>(block, 32) - odd * load<f32>(block, 36));
  store<u8>(pixels, toByte(even * left + leftDifference + 128));
  store<u8>(pixels, toByte(even * right + rightDifference + 128), 1);
  pixels += stride;
  store<u8>(pixels, toByte(even * left - leftDifference + 128));
  store<u8>(pixels, toByte(even * right - rightDifference + 128), 1);
}

function transform(it: Component, pixels: usize): void {
  for (let v = 0; v < it.height; v++) {
    const frequencies = block + (<usize>v << 5);
    for (let x = 0; x < it.width; x++) {
      store<f32>(halfWay + (<usize>(8 * x + v) << 2), product(frequencies, it.basisAcross + (<usize>x << 5), it.width));
    }
  }
  for (let y = 0; y < it.height; y++, pixels += stride) {
    const basis = it.basisDown + (<usize>y << 5);
    for (let x = 0; x < it.width; x++) {
      store<u8>(pixels + x, toByte(product(halfWay + (<usize>x << 5), basis, it.height) + 128));
    }
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function product(a: usize, b: usize, count: i32): f32 {
  let sum: f32 = 0;
  for (const end = a + (<usize>count << 2); a < end; a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}

/**
 * Luma and two chromas → red, green and blue (JFIF 1.02), or luma alone → grey.
 *
 * @returns where the pixels are: uint8 `[height, width, 3]`.
 */
export function colours(count: i32, width: i32, height: i32): usize {
  const pixels = planesEnd; // what was coded is not needed any more
  reach(pixels + <usize>(3 * width * height) + 64);
  const chroma = i32x4.splat(count == 1 ? 0 : -1); // all of it or nothing
  const apart = count == 1 ? 0 : planeBytes;
  for (let y = 0; y < height; y++) {
    let luma = componentOf(0).plane + <usize>(y * stride);
    let to = pixels + <usize>(3 * y * width);
    // Four at a time; what is beyond the row's end is written over by the next row.
    for (const end = luma + width; luma < end; luma += 4, to += 12) {
      const grey = fourOf(luma);
      const blue = v128.and(f32x4.sub(fourOf(luma + apart), f32x4.splat(128)), chroma);
      const red = v128.and(f32x4.sub(fourOf(luma + 2 * apart), f32x4.splat(128)), chroma);
      const r = toBytes(f32x4.add(grey, f32x4.mul(f32x4.splat(1.402), red)));
      const lessBlue = f32x4.sub(grey, f32x4.mul(f32x4.splat(0.344136), blue));
      const g = toBytes(f32x4.sub(lessBlue, f32x4.mul(f32x4.splat(0.714136), red)));
      const b = toBytes(f32x4.add(grey, f32x4.mul(f32x4.splat(1.772), blue)));
      const rgb = v128.or(v128.or(r, i32x4.shl(g, 8)), i32x4.shl(b, 16));
      v128.store(to, v128.shuffle<u8>(rgb, rgb, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 15, 15, 15));
    }
  }
  return pixels;
}

/** Four bytes → float32. */
// @ts-ignore: AssemblyScript's decorator
@inline
function fourOf(bytes: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(bytes))));
}

/** As {@link toByte}, of four: int32. */
// @ts-ignore: AssemblyScript's decorator
@inline
function toBytes(values: v128): v128 {
  const rounded = f32x4.add(values, f32x4.splat(0.5));
  return i32x4.trunc_sat_f32x4_s(f32x4.pmax(f32x4.splat(0), f32x4.pmin(f32x4.splat(255), rounded)));
}
