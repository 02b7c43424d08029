// The inner loops of resampling and resizing in AssemblyScript, which reads like TypeScript and becomes WebAssembly with SIMD.
// `node bin/compileWasm.mjs` compiles them into `binary.ts`. Addresses are bytes; vectors have 128 bits.

/** Takes every second sample away from its neighbour. @param count of either; a multiple of 4. */
export function deinterleave(input: usize, evens: usize, odds: usize, count: i32): void {
  const end = evens + (<usize>count << 2);
  for (; evens < end; evens += 16, odds += 16, input += 32) {
    const a = v128.load(input);
    const b = v128.load(input, 16);
    v128.store(evens, v128.shuffle<f32>(a, b, 0, 2, 4, 6));
    v128.store(odds, v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  }
}

/**
 * A half-band filter at every second sample: half of the even sample, and the odd ones on both sides of it.
 *
 * @param filter float32 `[taps]`, for the odd samples from the middle outward.
 * @param evens the output's own sample is number n + taps here, the odd one behind it number n + taps in `odds`.
 * @param count a multiple of 16: so many outputs go side by side, and each tap is loaded once for all of them.
 */
export function halfBand(evens: usize, odds: usize, filter: usize, taps: i32, output: usize, count: i32): void {
  const half = f32x4.splat(0.5);
  const middle = <usize>taps << 2;
  const filterEnd = filter + middle;
  const end = output + (<usize>count << 2);
  for (; output < end; output += 64, evens += 64, odds += 64) {
    let a = f32x4.mul(half, v128.load(evens + middle));
    let b = f32x4.mul(half, v128.load(evens + middle, 16));
    let c = f32x4.mul(half, v128.load(evens + middle, 32));
    let d = f32x4.mul(half, v128.load(evens + middle, 48));
    let left = odds + middle - 4;
    let right = odds + middle;
    for (let h = filter; h < filterEnd; h += 4, left -= 4, right += 4) {
      const tap = v128.load32_splat(h);
      a = f32x4.add(a, f32x4.mul(tap, f32x4.add(v128.load(left), v128.load(right))));
      b = f32x4.add(b, f32x4.mul(tap, f32x4.add(v128.load(left, 16), v128.load(right, 16))));
      c = f32x4.add(c, f32x4.mul(tap, f32x4.add(v128.load(left, 32), v128.load(right, 32))));
      d = f32x4.add(d, f32x4.mul(tap, f32x4.add(v128.load(left, 48), v128.load(right, 48))));
    }
    v128.store(output, a);
    v128.store(output, b, 16);
    v128.store(output, c, 32);
    v128.store(output, d, 48);
  }
}

/**
 * A polyphase filter: output n is the product of `taps` inputs with one of the bank's rows. Outputs of the same row are computed side by side, so
 * that each of its taps is loaded once for four of them.
 *
 * @param bank float32 `[phases, taps]`; taps is a multiple of 8.
 * @param phase row of the first output; every output is `step` rows further, and every `phases` rows are one input.
 */
export function polyphase(
  input: usize, bank: usize, output: usize, count: i32, taps: i32, phases: i32, step: i32, phase: i32,
): void {
  const rowBytes = <usize>taps << 2;
  const stride = <usize>step << 2; // of inputs, from one output of a row to the next
  const outputStride = <usize>phases << 2;
  for (let n = 0; n < min(count, phases); n++) {
    const row = bank + <usize>(phase % phases) * rowBytes;
    let x = input + (<usize>(phase / phases) << 2);
    let to = output + (<usize>n << 2);
    let left = (count - n + phases - 1) / phases;
    for (; left >= 4; left -= 4, x += 4 * stride, to += 4 * outputStride) fourOf(row, rowBytes, x, stride, to, outputStride);
    for (; left > 0; left--, x += stride, to += outputStride) store<f32>(to, productOf(row, rowBytes, x));
    phase += step;
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function fourOf(row: usize, rowBytes: usize, x: usize, stride: usize, to: usize, outputStride: usize): void {
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, b0 = zero, b1 = zero, c0 = zero, c1 = zero, d0 = zero, d1 = zero;
  let second = x + stride;
  let third = second + stride;
  let fourth = third + stride;
  for (const end = row + rowBytes; row < end; row += 32, x += 32, second += 32, third += 32, fourth += 32) {
    const h0 = v128.load(row);
    const h1 = v128.load(row, 16);
    a0 = f32x4.add(a0, f32x4.mul(h0, v128.load(x)));
    a1 = f32x4.add(a1, f32x4.mul(h1, v128.load(x, 16)));
    b0 = f32x4.add(b0, f32x4.mul(h0, v128.load(second)));
    b1 = f32x4.add(b1, f32x4.mul(h1, v128.load(second, 16)));
    c0 = f32x4.add(c0, f32x4.mul(h0, v128.load(third)));
    c1 = f32x4.add(c1, f32x4.mul(h1, v128.load(third, 16)));
    d0 = f32x4.add(d0, f32x4.mul(h0, v128.load(fourth)));
    d1 = f32x4.add(d1, f32x4.mul(h1, v128.load(fourth, 16)));
  }
  store<f32>(to, sumOf(f32x4.add(a0, a1)));
  store<f32>(to + outputStride, sumOf(f32x4.add(b0, b1)));
  store<f32>(to + 2 * outputStride, sumOf(f32x4.add(c0, c1)));
  store<f32>(to + 3 * outputStride, sumOf(f32x4.add(d0, d1)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function productOf(row: usize, rowBytes: usize, x: usize): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  for (const end = row + rowBytes; row < end; row += 32, x += 32) {
    even = f32x4.add(even, f32x4.mul(v128.load(row), v128.load(x)));
    odd = f32x4.add(odd, f32x4.mul(v128.load(row, 16), v128.load(x, 16)));
  }
  return sumOf(f32x4.add(even, odd));
}

/**
 * The same for ratios of too many phases to keep: `place` of `places` lies between two of the bank's rows, and what is between them
 * is drawn straight.
 *
 * @param bank float32 `[rows + 1, taps]`.
 */
export function polyphaseBetween(
  input: usize, bank: usize, output: usize, count: i32, taps: i32, rows: i32, places: i32, step: i32, place: i32,
): void {
  const rowBytes = <usize>taps << 2;
  for (let n = 0; n < count; n++) {
    const scaled = place * rows;
    let h = bank + <usize>(scaled / places) * rowBytes;
    const share = f32x4.splat(<f32>(scaled % places) / <f32>places);
    const end = h + rowBytes;
    let x = input;
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    for (; h < end; h += 16, x += 16) {
      const samples = v128.load(x);
      a = f32x4.add(a, f32x4.mul(samples, v128.load(h)));
      b = f32x4.add(b, f32x4.mul(samples, v128.load(h + rowBytes)));
    }
    store<f32>(output, sumOf(f32x4.add(a, f32x4.mul(share, f32x4.sub(b, a)))));
    output += 4;
    place += step;
    input += <usize>(place / places) << 2;
    place %= places;
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function sumOf(v: v128): f32 {
  const pair = f32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(pair, 0) + f32x4.extract_lane(pair, 1);
}

/** Adds a row of bytes to a row of sums. @param sums uint32 `[count]`; count is a multiple of 16. */
export function addBytes(bytes: usize, sums: usize, count: i32): void {
  const end = bytes + count;
  for (; bytes < end; bytes += 16, sums += 64) {
    const sixteen = v128.load(bytes);
    const low = i16x8.extend_low_i8x16_u(sixteen);
    const high = i16x8.extend_high_i8x16_u(sixteen);
    v128.store(sums, i32x4.add(v128.load(sums), i32x4.extend_low_i16x8_u(low)));
    v128.store(sums, i32x4.add(v128.load(sums, 16), i32x4.extend_high_i16x8_u(low)), 16);
    v128.store(sums, i32x4.add(v128.load(sums, 32), i32x4.extend_low_i16x8_u(high)), 32);
    v128.store(sums, i32x4.add(v128.load(sums, 48), i32x4.extend_high_i16x8_u(high)), 48);
  }
}

/** Adds a weighted row to another, all float32. @param count a multiple of 4. */
export function addWeighted(row: usize, weight: f32, sums: usize, count: i32): void {
  const weights = f32x4.splat(weight);
  const end = row + (<usize>count << 2);
  for (; row < end; row += 16, sums += 16) {
    v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(weights, v128.load(row))));
  }
}

/**
 * The mean of two channels, and what says whether they cancel or exceed full scale.
 *
 * @param found float32 `[4]`: the sums of squares of both channels and of the mean, NaN where one is; and the highest absolute value of all others.
 * @param count a multiple of 4.
 */
export function mixStereo(first: usize, second: usize, mean: usize, found: usize, count: i32): void {
  const half = f32x4.splat(0.5);
  let firstPower = f32x4.splat(0);
  let secondPower = f32x4.splat(0);
  let meanPower = f32x4.splat(0);
  let highest = f32x4.splat(0);
  const end = first + (<usize>count << 2);
  for (; first < end; first += 16, second += 16, mean += 16) {
    const a = v128.load(first);
    const b = v128.load(second);
    const middle = f32x4.mul(half, f32x4.add(a, b));
    v128.store(mean, middle);
    firstPower = f32x4.add(firstPower, f32x4.mul(a, a));
    secondPower = f32x4.add(secondPower, f32x4.mul(b, b));
    meanPower = f32x4.add(meanPower, f32x4.mul(middle, middle));
    highest = f32x4.pmax(highest, f32x4.pmax(f32x4.abs(a), f32x4.abs(b)));
  }
  store<f32>(found, sumOf(firstPower));
  store<f32>(found, sumOf(secondPower), 4);
  store<f32>(found, sumOf(meanPower), 8);
  const pair = f32x4.pmax(highest, v128.shuffle<i32>(highest, highest, 2, 3, 0, 1));
  store<f32>(found, max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1)), 12);
}

/** @param count a multiple of 8. @returns the highest absolute value, NaN where one is. */
export function peak(values: usize, count: i32): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  for (const end = values + (<usize>count << 2); values < end; values += 32) {
    even = f32x4.max(even, f32x4.abs(v128.load(values)));
    odd = f32x4.max(odd, f32x4.abs(v128.load(values, 16)));
  }
  const both = f32x4.max(even, odd);
  const pair = f32x4.max(both, v128.shuffle<i32>(both, both, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1));
}
