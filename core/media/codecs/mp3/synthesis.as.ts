// Samples of subbands → sound (ISO/IEC 11172-3, 2.4.3.4.11), by products with the standard's matrix. Of the lower half or quarter of the subbands
// every second or fourth sample is made, which has what it has at the whole rate.
import { lowPass } from './tables.as';

/** Subbands that are taken, and samples that are made of one of each of them. */
export let subbands: i32 = 32;

/** float32 `[32 subbands, 2, subbands]`: what a subband's sample adds to the two halves of a turn's values. */
const matrix = memory.data(32 * 64 * 4, 16);
/** float32 `[16, subbands]`: the low-pass, for values of the last 16 turns, their first and second halves by turns. */
const window = memory.data(16 * 32 * 4, 16);
/** float32 `[2 channels, 16 + 16 turns, 2, subbands]`: values of the last turns, each in two places, so that 16 always stand together. */
const turns = memory.data(2 * 32 * 64 * 4, 16);
let turn: i32 = 0;

/**
 * @param halvings 0 to 2.
 * @param phase the first sample that is made is this one of the whole rate's, below 2^halvings.
 */
export function makeSynthesis(halvings: i32, phase: i32): void {
  subbands = 32 >> halvings;
  for (let i = 0; i < subbands; i++) {
    const sample = (i << halvings) + phase;
    for (let k = 0; k < subbands; k++) {
      for (let half = 0; half < 2; half++) {
        const angle = <f64>((16 + sample + 32 * half) * (2 * k + 1)) * (Math.PI / 64);
        store<f32>(matrix + (<usize>((2 * k + half) * subbands + i) << 2), <f32>Math.cos(angle));
      }
    }
    for (let age = 0; age < 16; age++) {
      const place = sample + 32 * age;
      const value = load<i32>(lowPass + (<usize>min(place, 512 - place) << 2));
      const sign = (place >> 6) & 1 ? -1 : 1;
      store<f32>(window + (<usize>(age * subbands + i) << 2), <f32>(sign * value) / 65536);
    }
  }
}

export function forgetTurns(): void {
  memory.fill(turns, 0, 2 * 32 * 64 * 4);
  turn = 0;
}

/**
 * @param samples float32 `[32 subbands, 18]` of a channel.
 * @param to float32 `[18 · subbands]`.
 */
export function synthesise(samples: usize, channel: i32, to: usize): void {
  const rowBytes = <usize>subbands << 2;
  const all = turns + <usize>channel * (32 * 64 * 4);
  for (let n = 0; n < 18; n++, samples += 4, to += rowBytes) {
    const newest = (turn + n) & 15;
    const here = all + <usize>newest * 2 * rowBytes;
    multiply(samples, here, 2 * rowBytes);
    memory.copy(here + 32 * rowBytes, here, 2 * rowBytes);
    filter(here + 32 * rowBytes, to, rowBytes);
  }
}

/** Behind both channels of a granule. */
export function nextTurns(): void {
  turn = (turn + 18) & 15;
}

/** One sample of each subband → a turn's values. */
function multiply(samples: usize, to: usize, bytes: usize): void {
  for (let part: usize = 0; part < bytes; part += 64) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let row = matrix + part;
    let from = samples;
    for (let k = 0; k < subbands; k++, row += bytes, from += 72) {
      const sample = v128.load32_splat(from);
      a = f32x4.add(a, f32x4.mul(sample, v128.load(row)));
      b = f32x4.add(b, f32x4.mul(sample, v128.load(row, 16)));
      c = f32x4.add(c, f32x4.mul(sample, v128.load(row, 32)));
      d = f32x4.add(d, f32x4.mul(sample, v128.load(row, 48)));
    }
    v128.store(to + part, a);
    v128.store(to + part, b, 16);
    v128.store(to + part, c, 32);
    v128.store(to + part, d, 48);
  }
}

/** @param newest the newest turn's values, behind those of the 15 before. */
function filter(newest: usize, to: usize, rowBytes: usize): void {
  for (let part: usize = 0; part < rowBytes; part += 16) {
    let sum = f32x4.splat(0);
    let row = window + part;
    let from = newest + part;
    for (let age = 0; age < 16; age += 2) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(row), v128.load(from)));
      from -= 2 * rowBytes;
      sum = f32x4.add(sum, f32x4.mul(v128.load(row + rowBytes), v128.load(from + rowBytes)));
      from -= 2 * rowBytes;
      row += 2 * rowBytes;
    }
    v128.store(to + part, sum);
  }
}
