// A decoder of FLAC's frames (RFC 9639) in AssemblyScript, which reads like TypeScript and becomes WebAssembly. `node bin/compileWasm.mjs` compiles it
// into `binary.ts`. Addresses are bytes.
import { moveTo, openBits, position, read } from '../highestFirst.as';
import { checksumOf, makeChecksums } from './checksum.as';
import { decodeSubframe } from './subframe.as';

let channels: i32 = 0;
let fileBits: i32 = 0;
/** Samples of a channel that have room, and those of all channels: int32 or float32 `[channels, room]`. */
let room: i32 = 0;
let isReady: bool = false;

/** Takes what a file's STREAMINFO says. @param mostSamples of a channel in a frame. */
export function begin(count: i32, bits: i32, mostSamples: i32): void {
  if (!isReady) makeChecksums();
  isReady = true;
  channels = count;
  fileBits = bits;
  room = (mostSamples + 7) & ~3;
}

export function samplesOf(channel: i32): usize {
  return ((__heap_base + 15) & ~15) + (<usize>(channel * room) << 2);
}

/** @returns where a frame of so many bytes is put; behind it is room for what a damaged one reads beyond. */
export function take(length: i32): usize {
  const place = samplesOf(channels);
  const missing = <i32>((place + length + 256 + 0xffff) >>> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  return place;
}

/** Decodes a frame, behind which there may be zeros. @returns samples of each channel, float32; 0: it is damaged. */
export function decode(length: i32): i32 {
  const place = samplesOf(channels);
  if (length < 8 || checksumOf(place, length) != 0) return 0;
  store<u64>(place + length, 0);
  openBits(place, length);
  if (read(14) != 0x3ffe) return 0;
  moveTo(16);
  const sizeCode = read(4);
  const rateCode = read(4);
  const layout = read(4); // of the channels: so many more than one, or two of which one is a difference
  const bits = bitsOf(read(3));
  moveTo(position + 1);
  skipNumber();
  const count = blockSize(sizeCode);
  moveTo(position + (rateCode == 12 ? 8 : rateCode == 13 || rateCode == 14 ? 16 : 0) + 8); // its own checksum
  if (bits == 0 || count > room || (layout < 8 ? layout + 1 : 2) != channels || layout > 10) return 0;
  for (let channel = 0; channel < channels; channel++) {
    const isDifference = layout == 9 ? channel == 0 : layout >= 8 && channel == 1;
    if (!decodeSubframe(samplesOf(channel), count, bits + i32(isDifference))) return 0;
  }
  const own = ((position + 7) >> 3) + 2;
  if (own > length || (own < length && checksumOf(place, own) != 0)) return 0; // zeros change no checksum
  if (layout >= 8) join(layout, count);
  const scale = <f32>(1 / <f64>(<u64>1 << (bits - 1)));
  for (let channel = 0; channel < channels; channel++) toFloats(samplesOf(channel), count, scale);
  return count;
}

function bitsOf(code: i32): i32 {
  if (code == 0) return fileBits;
  return code == 1 ? 8 : code == 2 ? 12 : code == 4 ? 16 : code == 5 ? 20 : code == 6 ? 24 : code == 7 ? 32 : 0;
}

/** Of the frame or its first sample, as UTF-8 codes characters. */
function skipNumber(): void {
  const first = read(8);
  const more = first < 0x80 ? 0 : <i32>clz(~(first << 24)) - 1;
  moveTo(position + 8 * max(0, more));
}

function blockSize(code: i32): i32 {
  if (code == 6) return read(8) + 1;
  if (code == 7) return read(16) + 1;
  return code == 1 ? 192 : code < 6 ? 144 << code : 1 << code;
}

/** One of two channels or their mean, and their difference → both (section 4.2). */
function join(layout: i32, count: i32): void {
  let first = samplesOf(0);
  let second = samplesOf(1);
  for (const last = first + (<usize>count << 2); first < last; first += 16, second += 16) {
    const a = v128.load(first);
    const b = v128.load(second);
    if (layout == 8) {
      v128.store(second, i32x4.sub(a, b));
    } else if (layout == 9) {
      v128.store(first, i32x4.add(a, b));
    } else {
      const twice = v128.or(i32x4.shl(a, 1), v128.and(b, i32x4.splat(1)));
      v128.store(first, i32x4.shr_s(i32x4.add(twice, b), 1));
      v128.store(second, i32x4.shr_s(i32x4.sub(twice, b), 1));
    }
  }
}

function toFloats(samples: usize, count: i32, scale: f32): void {
  const scales = f32x4.splat(scale);
  for (const last = samples + (<usize>count << 2); samples < last; samples += 16) {
    v128.store(samples, f32x4.mul(f32x4.convert_i32x4_s(v128.load(samples)), scales));
  }
}
