// The inverse MDCT (Vorbis I, section 4.3.7) by a complex Fourier transform of a quarter of its length, and the overlap of blocks.
import { allocate } from './memory.as';

/** Tables for one length of blocks, and room to work in. */
@unmanaged
export class Transform {
  /** Samples of a block, n: a power of two from 64 to 8192. */
  length: i32;
  /** float32 `[n/4]`: exp(−2πi (k + 1/8) / n), real and imaginary. */
  turnReal: usize;
  turnImaginary: usize;
  /** float32 `[n/16]` of w = exp(−8πi p / n): w, w², w³, real and imaginary of each. */
  powers: usize;
  /** float32 `[n/2]`: the window's rising half. */
  slope: usize;
  /** float32 `[n/4]`, four times. */
  room: usize;
}

export function makeTransform(length: i32): Transform {
  const transform = changetype<Transform>(allocate(offsetof<Transform>()));
  const quarter = length >> 2;
  transform.length = length;
  transform.turnReal = allocate(<usize>quarter << 2);
  transform.turnImaginary = allocate(<usize>quarter << 2);
  for (let k = 0; k < quarter; k++) {
    const angle = (-2 * Math.PI * (k + 0.125)) / length;
    store<f32>(transform.turnReal + (<usize>k << 2), <f32>Math.cos(angle));
    store<f32>(transform.turnImaginary + (<usize>k << 2), <f32>Math.sin(angle));
  }
  const sixteenth = length >> 4;
  transform.powers = allocate(<usize>(6 * sixteenth) << 2);
  for (let p = 0; p < sixteenth; p++) {
    for (let power = 1; power < 4; power++) {
      const angle = (-2 * Math.PI * power * p) / quarter;
      const real = transform.powers + (<usize>((2 * power - 2) * sixteenth + p) << 2);
      store<f32>(real, <f32>Math.cos(angle));
      store<f32>(real + (<usize>sixteenth << 2), <f32>Math.sin(angle));
    }
  }
  const half = length >> 1;
  transform.slope = allocate(<usize>half << 2);
  for (let i = 0; i < half; i++) {
    const sine = Math.sin(((i + 0.5) / length) * Math.PI);
    store<f32>(transform.slope + (<usize>i << 2), <f32>Math.sin((Math.PI / 2) * sine * sine));
  }
  transform.room = allocate(<usize>length << 2);
  return transform;
}

/**
 * The middle half of what the inverse MDCT gives; the outer quarters are its mirror images. With M = n/2 it is, in reverse and negative,
 * the DCT-IV of the spectrum, which is a complex transform of M/2 between two turns.
 *
 * @param spectrum float32 `[n/2]`.
 * @param middle float32 `[n/2]`, filled.
 */
export function invert(transform: Transform, spectrum: usize, middle: usize): void {
  const turnReal = transform.turnReal;
  const turnImaginary = transform.turnImaginary;
  const room = transform.room;
  const quarter = transform.length >> 2;
  const bytes = <usize>quarter << 2;
  let real = room;
  let imaginary = room + bytes;
  const last = spectrum + 2 * bytes - 32;
  for (let at: usize = 0; at < bytes; at += 16) {
    const front = spectrum + 2 * at;
    const back = last - 2 * at;
    const a = v128.shuffle<f32>(v128.load(front), v128.load(front, 16), 0, 2, 4, 6);
    const b = v128.shuffle<f32>(v128.load(back), v128.load(back, 16), 7, 5, 3, 1);
    const c = v128.load(turnReal + at);
    const d = v128.load(turnImaginary + at);
    v128.store(real + at, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, d)));
    v128.store(imaginary + at, f32x4.add(f32x4.mul(a, d), f32x4.mul(b, c)));
  }
  real = fourier(transform, quarter);
  imaginary = real + bytes;
  for (let at: usize = 0; at < bytes; at += 16) {
    const c = v128.load(turnReal + at);
    const d = v128.load(turnImaginary + at);
    const a = v128.load(real + at);
    const b = v128.load(imaginary + at);
    v128.store(real + at, f32x4.neg(f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, d))));
    v128.store(imaginary + at, f32x4.add(f32x4.mul(a, d), f32x4.mul(b, c)));
  }
  for (let at: usize = 0; at < bytes; at += 16) {
    const even = v128.load(imaginary + at);
    const odd = v128.load(real + bytes - 16 - at);
    v128.store(middle + 2 * at, v128.shuffle<f32>(even, odd, 0, 7, 1, 6));
    v128.store(middle + 2 * at, v128.shuffle<f32>(even, odd, 2, 5, 3, 4), 16);
  }
}

/**
 * A complex transform of `count` values in `room`, Stockham's order with four at a time: the first step turns blocks of 4 × 4, all others
 * take whole vectors, and a last one of two where the count is no power of four.
 *
 * @returns where the result is, real and then imaginary: one half of `room` or the other.
 */
function fourier(transform: Transform, count: i32): usize {
  const bytes = <usize>count << 2;
  let from = transform.room;
  let to = from + 2 * bytes;
  firstStep(transform, from, to, bytes);
  let left = count >> 2;
  for (let stride: i32 = 4; left > 1; stride <<= 2, left >>= 2) {
    const before = from;
    from = to;
    to = before;
    if (left == 2) {
      lastStep(from, to, bytes);
      break;
    }
    step(transform, from, to, bytes, left, stride);
  }
  return to;
}

function firstStep(transform: Transform, from: usize, to: usize, bytes: usize): void {
  const part = bytes >> 2;
  const w = transform.powers;
  for (let p: usize = 0; p < part; p += 16) {
    const x = from + p;
    const aReal = v128.load(x);
    const bReal = v128.load(x + part);
    const cReal = v128.load(x + 2 * part);
    const dReal = v128.load(x + 3 * part);
    const y = x + bytes;
    const aImaginary = v128.load(y);
    const bImaginary = v128.load(y + part);
    const cImaginary = v128.load(y + 2 * part);
    const dImaginary = v128.load(y + 3 * part);
    const sumReal = f32x4.add(aReal, cReal);
    const sumImaginary = f32x4.add(aImaginary, cImaginary);
    const differenceReal = f32x4.sub(aReal, cReal);
    const differenceImaginary = f32x4.sub(aImaginary, cImaginary);
    const otherReal = f32x4.add(bReal, dReal);
    const otherImaginary = f32x4.add(bImaginary, dImaginary);
    const crossReal = f32x4.sub(bImaginary, dImaginary);
    const crossImaginary = f32x4.sub(dReal, bReal);
    const r0 = f32x4.add(sumReal, otherReal);
    const i0 = f32x4.add(sumImaginary, otherImaginary);
    let u = f32x4.add(differenceReal, crossReal);
    let v = f32x4.add(differenceImaginary, crossImaginary);
    let c = v128.load(w + p);
    let d = v128.load(w + part + p);
    const r1 = f32x4.sub(f32x4.mul(u, c), f32x4.mul(v, d));
    const i1 = f32x4.add(f32x4.mul(u, d), f32x4.mul(v, c));
    u = f32x4.sub(sumReal, otherReal);
    v = f32x4.sub(sumImaginary, otherImaginary);
    c = v128.load(w + 2 * part + p);
    d = v128.load(w + 3 * part + p);
    const r2 = f32x4.sub(f32x4.mul(u, c), f32x4.mul(v, d));
    const i2 = f32x4.add(f32x4.mul(u, d), f32x4.mul(v, c));
    u = f32x4.sub(differenceReal, crossReal);
    v = f32x4.sub(differenceImaginary, crossImaginary);
    c = v128.load(w + 4 * part + p);
    d = v128.load(w + 5 * part + p);
    const r3 = f32x4.sub(f32x4.mul(u, c), f32x4.mul(v, d));
    const i3 = f32x4.add(f32x4.mul(u, d), f32x4.mul(v, c));
    storeTurned(to + 4 * p, r0, r1, r2, r3);
    storeTurned(to + bytes + 4 * p, i0, i1, i2, i3);
  }
}

/** Rows → columns of 4 × 4. */
// @ts-ignore: AssemblyScript's decorator
@inline
function storeTurned(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32);
  v128.store(to, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48);
}

/** @param left values of a transform that is left to do, `stride` of them side by side. */
function step(transform: Transform, from: usize, to: usize, bytes: usize, left: i32, stride: i32): void {
  const quarter = left >> 2;
  const table = bytes >> 2;
  const strideBytes = <usize>stride << 2;
  const part = <usize>quarter * strideBytes;
  for (let p = 0; p < quarter; p++) {
    const w = transform.powers + <usize>p * strideBytes;
    const c1 = v128.load32_splat(w);
    const d1 = v128.load32_splat(w + table);
    const c2 = v128.load32_splat(w + 2 * table);
    const d2 = v128.load32_splat(w + 3 * table);
    const c3 = v128.load32_splat(w + 4 * table);
    const d3 = v128.load32_splat(w + 5 * table);
    let x = from + <usize>p * strideBytes;
    let y = to + 4 * <usize>p * strideBytes;
    for (const end = x + strideBytes; x < end; x += 16, y += 16) {
      const aReal = v128.load(x);
      const bReal = v128.load(x + part);
      const cReal = v128.load(x + 2 * part);
      const dReal = v128.load(x + 3 * part);
      const other = x + bytes;
      const aImaginary = v128.load(other);
      const bImaginary = v128.load(other + part);
      const cImaginary = v128.load(other + 2 * part);
      const dImaginary = v128.load(other + 3 * part);
      const sumReal = f32x4.add(aReal, cReal);
      const sumImaginary = f32x4.add(aImaginary, cImaginary);
      const differenceReal = f32x4.sub(aReal, cReal);
      const differenceImaginary = f32x4.sub(aImaginary, cImaginary);
      const otherReal = f32x4.add(bReal, dReal);
      const otherImaginary = f32x4.add(bImaginary, dImaginary);
      const crossReal = f32x4.sub(bImaginary, dImaginary);
      const crossImaginary = f32x4.sub(dReal, bReal);
      v128.store(y, f32x4.add(sumReal, otherReal));
      v128.store(y + bytes, f32x4.add(sumImaginary, otherImaginary));
      let u = f32x4.add(differenceReal, crossReal);
      let v = f32x4.add(differenceImaginary, crossImaginary);
      v128.store(y + strideBytes, f32x4.sub(f32x4.mul(u, c1), f32x4.mul(v, d1)));
      v128.store(y + bytes + strideBytes, f32x4.add(f32x4.mul(u, d1), f32x4.mul(v, c1)));
      u = f32x4.sub(sumReal, otherReal);
      v = f32x4.sub(sumImaginary, otherImaginary);
      v128.store(y + 2 * strideBytes, f32x4.sub(f32x4.mul(u, c2), f32x4.mul(v, d2)));
      v128.store(y + bytes + 2 * strideBytes, f32x4.add(f32x4.mul(u, d2), f32x4.mul(v, c2)));
      u = f32x4.sub(differenceReal, crossReal);
      v = f32x4.sub(differenceImaginary, crossImaginary);
      v128.store(y + 3 * strideBytes, f32x4.sub(f32x4.mul(u, c3), f32x4.mul(v, d3)));
      v128.store(y + bytes + 3 * strideBytes, f32x4.add(f32x4.mul(u, d3), f32x4.mul(v, c3)));
    }
  }
}

function lastStep(from: usize, to: usize, bytes: usize): void {
  const half = bytes >> 1;
  for (let part: usize = 0; part < 2 * bytes; part += bytes) {
    let x = from + part;
    let y = to + part;
    for (const end = x + half; x < end; x += 16, y += 16) {
      const a = v128.load(x);
      const b = v128.load(x + half);
      v128.store(y, f32x4.add(a, b));
      v128.store(y + half, f32x4.sub(a, b));
    }
  }
}

/**
 * Where two blocks meet: the end of the one under the falling window, and the beginning of the other under the rising one.
 *
 * @param before float32 `[half]`, from the block's middle half; its mirror image follows.
 * @param after float32 `[half]` likewise, whose mirror image goes before.
 * @param slope float32 `[2 half]`.
 * @param output float32 `[2 half]`.
 */
export function overlap(before: usize, after: usize, slope: usize, output: usize, half: i32): void {
  const bytes = <usize>half << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    const back = bytes - 16 - at;
    const s0 = v128.load(before + at);
    const s1 = reversed(v128.load(after + back));
    const rising = v128.load(slope + at);
    const falling = reversed(v128.load(slope + bytes + back));
    v128.store(output + at, f32x4.sub(f32x4.mul(s0, falling), f32x4.mul(s1, rising)));
    v128.store(output + bytes + back, reversed(f32x4.add(f32x4.mul(s0, rising), f32x4.mul(s1, falling))));
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function reversed(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 2, 1, 0);
}
