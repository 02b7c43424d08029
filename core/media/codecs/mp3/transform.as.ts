// A spectrum's lines → samples of its subbands (ISO/IEC 11172-3, 2.4.3.4.8 and 2.4.3.4.10), the inverse transform after minimp3's
// (https://github.com/lieff/minimp3, CC0).
import { Granule, ordinarySubbands, shortKind } from './frame.as';

const lineBytes: usize = 4;
const subbandBytes: usize = 18 * 4;

/** float32 `[8]` each: how lines on both sides of a subband's edge are mixed (the standard's cs and ca). */
const same = memory.data<f32>([0.85749293, 0.881742, 0.94962865, 0.98331459, 0.99551782, 0.99916056, 0.9998992, 0.99999316]);
const other = memory.data<f32>([0.51449576, 0.47173197, 0.31337745, 0.1819132, 0.09457419, 0.04096558, 0.01419856, 0.00369997]);
/** float32 `[18]`: cosines and sines of the transform's last turn; those of the short one `[6]`. */
const turns = memory.data<f32>([
  0.73727734, 0.79335334, 0.84339145, 0.88701083, 0.92387953, 0.95371695, 0.97629601, 0.99144486, 0.99904822,
  0.67559021, 0.60876143, 0.53729961, 0.46174861, 0.38268343, 0.3007058, 0.21643961, 0.13052619, 0.04361938,
]);
const shortTurns = memory.data<f32>([0.79335334, 0.92387953, 0.99144486, 0.60876143, 0.38268343, 0.13052619]);
/** float32 `[2, 18]`: the window, of what is before and of what comes: of long blocks, and of those behind short ones. */
const windows = memory.data<f32>([
  0.99904822, 0.99144486, 0.97629601, 0.95371695, 0.92387953, 0.88701083, 0.84339145, 0.79335334, 0.73727734,
  0.04361938, 0.13052619, 0.21643961, 0.3007058, 0.38268343, 0.46174861, 0.53729961, 0.60876143, 0.67559021,
  1, 1, 1, 1, 1, 1, 0.99144486, 0.92387953, 0.79335334, 0, 0, 0, 0, 0, 0, 0.13052619, 0.38268343, 0.60876143,
]);

const cosines = memory.data(9 * 4, 16);
const sines = memory.data(9 * 4, 16);
const scratch = memory.data(576 * 4, 16);

/**
 * @param lines float32 `[576]`, which become `[32 subbands, 18]`.
 * @param before float32 `[32, 9]`: what the granule before left.
 * @param subbands how many are wanted, from the lowest.
 */
export function toSubbands(it: Granule, lines: usize, before: usize, subbands: i32): void {
  const ordinary = ordinarySubbands(it);
  const isShort = it.kind == shortKind;
  if (isShort) reorder(lines + <usize>ordinary * subbandBytes, it.bands + it.longBands);
  mixEdges(lines, min(subbands, isShort ? ordinary - 1 : 31));
  const window = it.kind == 3 ? windows + subbandBytes : windows;
  for (let i = 0; i < subbands; i++) {
    if (i < ordinary || !isShort) invertLong(lines, before, i < ordinary ? windows : window);
    else invertShort(lines, before);
    if (i & 1) turnOver(lines);
    lines += subbandBytes;
    before += 9 * lineBytes;
  }
}

/** Short blocks' lines, of one after the other in each band → of all three by turns. */
function reorder(lines: usize, bands: usize): void {
  let to = scratch;
  let from = lines;
  for (let length: i32 = load<u8>(bands); length > 0; bands += 3, length = load<u8>(bands)) {
    const next = <usize>length << 2;
    for (const end = from + next; from < end; from += 4, to += 12) {
      store<f32>(to, load<f32>(from));
      store<f32>(to, load<f32>(from + next), 4);
      store<f32>(to, load<f32>(from + 2 * next), 8);
    }
    from += 2 * next;
  }
  memory.copy(lines, scratch, to - scratch);
}

function mixEdges(lines: usize, edges: i32): void {
  for (; edges > 0; edges--, lines += subbandBytes) {
    for (let i: usize = 0; i < 32; i += 4) {
      const above = load<f32>(lines + i, 72);
      const below = load<f32>(lines - i, 68);
      const s = load<f32>(same + i);
      const o = load<f32>(other + i);
      store<f32>(lines + i, above * s - below * o, 72);
      store<f32>(lines - i, above * o + below * s, 68);
    }
  }
}

/** Every second sample of every second subband (2.4.3.4.10.5). */
function turnOver(samples: usize): void {
  for (let i: usize = 4; i < subbandBytes; i += 8) store<f32>(samples + i, -load<f32>(samples + i));
}

function invertLong(lines: usize, before: usize, window: usize): void {
  store<f32>(cosines, -load<f32>(lines));
  store<f32>(sines, load<f32>(lines, 68));
  for (let i: usize = 0; i < 32; i += 8) {
    const a = load<f32>(lines + 2 * i, 4);
    const b = load<f32>(lines + 2 * i, 8);
    const c = load<f32>(lines + 2 * i, 12);
    const d = load<f32>(lines + 2 * i, 16);
    store<f32>(sines - i, a - b, 32);
    store<f32>(cosines + i, a + b, 4);
    store<f32>(sines - i, d - c, 28);
    store<f32>(cosines + i, -(c + d), 8);
  }
  cosineTransform(cosines);
  cosineTransform(sines);
  for (let i: usize = 4; i < 32; i += 8) store<f32>(sines + i, -load<f32>(sines + i));
  for (let i: usize = 0; i < 36; i += 4) {
    const c = load<f32>(cosines + i);
    const s = load<f32>(sines + i);
    const t = load<f32>(turns + i);
    const u = load<f32>(turns + i, 36);
    const v = load<f32>(window + i);
    const w = load<f32>(window + i, 36);
    const old = load<f32>(before + i);
    const sum = c * u + s * t;
    store<f32>(before + i, c * t - s * u);
    store<f32>(lines + i, old * v - sum * w);
    store<f32>(lines - i, old * w + sum * v, 68);
  }
}

/** Of nine values, in place: the third kind. */
function cosineTransform(y: usize): void {
  let s0 = load<f32>(y);
  let s2 = load<f32>(y, 8);
  let s4 = load<f32>(y, 16);
  let s6 = load<f32>(y, 24);
  let s8 = load<f32>(y, 32);
  let t0: f32 = s0 + s6 * 0.5;
  s0 -= s6;
  let t4: f32 = (s4 + s2) * 0.93969262;
  let t2: f32 = (s8 + s2) * 0.76604444;
  s6 = (s4 - s8) * 0.17364818;
  s4 += s8 - s2;
  s2 = s0 - s4 * 0.5;
  store<f32>(y, s4 + s0, 16);
  s8 = t0 - t2 + s6;
  s0 = t0 - t4 + t2;
  s4 = t0 + t4 - s6;

  let s1 = load<f32>(y, 4);
  let s3 = load<f32>(y, 12);
  let s5 = load<f32>(y, 20);
  let s7 = load<f32>(y, 28);
  s3 *= 0.8660254;
  t0 = (s5 + s1) * 0.98480775;
  t4 = (s5 - s7) * 0.34202014;
  t2 = (s1 + s7) * 0.64278761;
  s1 = (s1 - s5 - s7) * 0.8660254;
  s5 = t0 - s3 - t2;
  s7 = t4 - s3 - t0;
  s3 = t4 + s3 - t2;

  store<f32>(y, s4 - s7);
  store<f32>(y, s2 + s1, 4);
  store<f32>(y, s0 - s3, 8);
  store<f32>(y, s8 + s5, 12);
  store<f32>(y, s8 - s5, 20);
  store<f32>(y, s0 + s3, 24);
  store<f32>(y, s2 - s1, 28);
  store<f32>(y, s4 + s7, 32);
}

/** Three short blocks one after the other. */
function invertShort(lines: usize, before: usize): void {
  memory.copy(scratch, lines, subbandBytes);
  memory.copy(lines, before, 6 * lineBytes);
  invertThird(scratch, lines + 24, before + 24);
  invertThird(scratch + 4, lines + 48, before + 24);
  invertThird(scratch + 8, before, before + 24);
}

/** @param x every third value of 18. @param to 6 samples. @param before 3 values. */
function invertThird(x: usize, to: usize, before: usize): void {
  three(-load<f32>(x), load<f32>(x, 24) + load<f32>(x, 12), load<f32>(x, 48) + load<f32>(x, 36), cosines);
  three(load<f32>(x, 60), load<f32>(x, 48) - load<f32>(x, 36), load<f32>(x, 24) - load<f32>(x, 12), sines);
  store<f32>(sines, -load<f32>(sines, 4), 4);
  for (let i: usize = 0; i < 12; i += 4) {
    const c = load<f32>(cosines + i);
    const s = load<f32>(sines + i);
    const t = load<f32>(shortTurns + i);
    const u = load<f32>(shortTurns + i, 12);
    const v = load<f32>(shortTurns - i, 8);
    const w = load<f32>(shortTurns - i, 20);
    const old = load<f32>(before + i);
    const sum = c * u + s * t;
    store<f32>(before + i, c * t - s * u);
    store<f32>(to + i, old * v - sum * w);
    store<f32>(to - i, old * w + sum * v, 20);
  }
}

function three(x0: f32, x1: f32, x2: f32, to: usize): void {
  const m: f32 = x1 * 0.8660254;
  const a: f32 = x0 - x2 * 0.5;
  store<f32>(to, a + m);
  store<f32>(to, x0 + x2, 4);
  store<f32>(to, a - m, 8);
}
