import { InputError } from '../../errors.ts';
import { createMixer, type MixOptions, type MonoSound, type SoundPart } from '../mix.ts';
import { simdKernels } from '../simd/kernels.ts';
import { textAt, viewOf } from './bytes.ts';
import { cutShort, damaged, expectAffordable, severalRecordings } from './format.ts';

/**
 * RIFF WAVE: PCM of 8, 16, 24 or 32 bits and floating point, any number of channels. Read here: its samples need no decoder, and
 * what is wrong with a file is said by name.
 */
export function isWav(bytes: Uint8Array): boolean {
  return /^(RIFF|RF64|BW64)$/.test(textAt(bytes, 0, 4)) && textAt(bytes, 8, 4) === 'WAVE';
}

/** @throws {InputError} for a file that is cut short, damaged, of an encoding that is not read, or beyond the limits. */
export function decodeWav(
  bytes: Uint8Array,
  { limits, channel }: Omit<MixOptions, 'name' | 'expectedSeconds'>,
): MonoSound {
  const { layout, data } = readChunks(bytes);
  const { frameBytes, channels, sampleRate } = layout;
  const samples = Math.floor(data.length / frameBytes);
  // Each by its name, here and elsewhere: a copy of an object with more put in takes a small sound's time.
  expectAffordable(limits, { samples, channels, sampleRate });
  const mixer = createMixer({ name: 'wav', limits, channel, expectedSeconds: samples / sampleRate });
  while (scratch.length < channels) scratch.push(new Float32Array(partLength));
  for (let start = 0; start < samples; start += partLength) {
    const end = Math.min(samples, start + partLength);
    mixer.add(readSamples(data.subarray(start * frameBytes, end * frameBytes), layout));
  }
  return mixer.finish();
}

/** Samples of each channel that are read in one piece. */
const partLength = 2 ** 13;
/** Where a part's channels are read to; nothing is kept there between two parts. */
const scratch: Float32Array[] = [];

interface Layout {
  channels: number;
  sampleRate: number;
  /** All channels' bytes of one moment. */
  frameBytes: number;
  bits: number;
  read: (view: DataView, offset: number) => number;
}

/** How one sample becomes a number in [-1, 1): the scale of scipy, libsndfile and browsers, 2^(bits − 1) to 1. */
const readers: Record<string, Layout['read']> = {
  'PCM 8': (view, offset) => (view.getUint8(offset) - 128) / 2 ** 7,
  'PCM 16': (view, offset) => view.getInt16(offset, true) / 2 ** 15,
  'PCM 24': (view, offset) => ((view.getInt16(offset + 1, true) << 8) | view.getUint8(offset)) / 2 ** 23,
  'PCM 32': (view, offset) => view.getInt32(offset, true) / 2 ** 31,
  'float 32': (view, offset) => view.getFloat32(offset, true),
  'float 64': (view, offset) => view.getFloat64(offset, true),
};
const encodings: Record<number, string> = { 1: 'PCM', 3: 'float', 6: 'A-law', 7: 'µ-law', 17: 'IMA ADPCM', 85: 'MP3' };

function readChunks(bytes: Uint8Array): { layout: Layout; data: Uint8Array } {
  const view = viewOf(bytes);
  let layout: Layout | undefined;
  let longSize: number | undefined;
  for (let offset = 12; offset + 8 <= bytes.length; ) {
    const name = textAt(bytes, offset, 4);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (name === 'fmt ') {
      if (size < 16) throw damaged('wav', `its format chunk has ${size} bytes, not 16`);
      if (start + size > bytes.length) break;
      layout = readLayout(view, start, size);
    }
    // Of 64 bits (EBU Tech 3306), for sounds of 4 GB and more, and what might have become so.
    if (name === 'ds64' && start + 16 <= bytes.length) longSize = Number(view.getBigUint64(start + 8, true));
    if (name === 'data') {
      if (!layout) throw damaged('wav', 'its samples come before their format');
      const known = size === 0xffffffff && longSize ? longSize : size;
      const end = isUnknown(known, bytes, start) ? bytes.length : start + known;
      if (end > bytes.length) throw cutShort('wav', `${bytes.length - start} of ${known} bytes of sound are there`);
      expectNoMore(bytes, end);
      return { layout, data: bytes.subarray(start, end) };
    }
    offset = behindChunk(bytes, start + size);
  }
  throw cutShort('wav', 'it ends before its samples begin');
}

/** Chunks start at even bytes; some programs forget it. */
function behindChunk(bytes: Uint8Array, end: number): number {
  return end % 2 === 1 && (hasChunkName(bytes, end + 1) || !hasChunkName(bytes, end)) ? end + 1 : end;
}

function hasChunkName(bytes: Uint8Array, offset: number): boolean {
  return /^[A-Za-z0-9_ ]{4}$/.test(textAt(bytes, offset, 4));
}

/**
 * Programs that write to a pipe cannot go back and fill the sizes in: ffmpeg leaves 2³² − 1, sox about 2³¹, others 0. What ends by accident
 * has 0 too; an empty sound has nothing or other chunks behind it.
 */
function isUnknown(size: number, bytes: Uint8Array, start: number): boolean {
  return size > bytes.length ? size >= 0x7ffff000 && size <= 0xffffffff : size === 0 && !hasChunkName(bytes, start);
}

/** @throws {InputError} where more sound follows behind the samples. */
function expectNoMore(bytes: Uint8Array, end: number): void {
  const view = viewOf(bytes);
  for (let offset = behindChunk(bytes, end); offset + 8 <= bytes.length && hasChunkName(bytes, offset); ) {
    const name = textAt(bytes, offset, 4);
    if (name === 'data') throw damaged('wav', 'its samples are in several parts');
    if (isWav(bytes.subarray(offset))) throw severalRecordings('wav');
    offset = behindChunk(bytes, offset + 8 + view.getUint32(offset + 4, true));
  }
}

function readLayout(view: DataView, start: number, size: number): Layout {
  let tag = view.getUint16(start, true);
  if (tag === 0xfffe && size >= 40) tag = view.getUint16(start + 24, true); // extensible: the real one stands further on
  const channels = view.getUint16(start + 2, true);
  const sampleRate = view.getUint32(start + 4, true);
  const frameBytes = view.getUint16(start + 12, true);
  const bits = view.getUint16(start + 14, true);
  if (sampleRate === 0) throw damaged('wav', 'its sample rate is 0');
  const encoding = `${encodings[tag] ?? `encoding ${tag}`} ${bits}`;
  const read = readers[encoding];
  if (!read) {
    throw new InputError(
      `Expected a wav file of ${Object.keys(readers).join(', ')} bits but received ${encoding}. Convert it to PCM 16.`,
      'unsupported_media',
    );
  }
  if (channels === 0 || frameBytes !== (channels * bits) / 8) {
    throw damaged('wav', `${channels} channels of ${bits} bits do not make ${frameBytes} bytes`);
  }
  return { channels, sampleRate, frameBytes, bits, read };
}

/** @returns views of {@link scratch}. */
function readSamples(data: Uint8Array, layout: Layout): SoundPart {
  const { sampleRate, frameBytes, read, bits } = layout;
  const frames = Math.floor(data.length / frameBytes);
  const parts = scratch.slice(0, layout.channels).map((samples) => samples.subarray(0, frames));
  if (read === readers['PCM 16']) {
    readIntegers(data, parts);
  } else {
    const view = viewOf(data);
    const sampleBytes = bits / 8;
    for (const [channel, samples] of parts.entries()) {
      for (let n = 0; n < frames; n++) samples[n] = read(view, n * frameBytes + channel * sampleBytes);
    }
  }
  return { channels: parts, sampleRate };
}

/** What most files are. The byte order is that of every machine today. */
function readIntegers(data: Uint8Array, channels: Float32Array[]): void {
  const { buffer, byteOffset } = data.byteOffset % 2 === 0 ? data : data.slice(); // Int16Array asks for whole words
  for (const [channel, samples] of channels.entries()) {
    const integers = new Int16Array(buffer, byteOffset + 2 * channel, channels.length * samples.length - channel);
    if (channels.length === 1) takeAll(integers, samples);
    else takeEvery(channels.length, integers, samples);
  }
}

const integerScale = 1 / 2 ** 15;

/** At most {@link partLength} of them. */
function takeAll(integers: Int16Array, samples: Float32Array): void {
  const kernels = simdKernels(8 * partLength);
  const { buffer } = kernels.memory;
  const padded = 4 * Math.ceil(integers.length / 4);
  const scaled = new Float32Array(buffer, 0, padded).fill(0);
  new Float32Array(buffer, 4 * partLength, padded).set(integers);
  kernels.addWeighted(4 * partLength, integerScale, 0, padded);
  samples.set(scaled.subarray(0, integers.length));
}

function takeEvery(step: number, integers: Int16Array, samples: Float32Array): void {
  for (let n = 0, at = 0; n < samples.length; n++, at += step) samples[n] = (integers[at] as number) * integerScale;
}
