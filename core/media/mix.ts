import { InputError } from '../errors.ts';
import { damaged, expectAffordable, type SoundLimits } from './formats/format.ts';
import { simdKernels } from './simd/kernels.ts';

/** What a decoder gives of a sound: a part of it, each channel `[samples]` float32. */
export interface SoundPart {
  channels: Float32Array[];
  sampleRate: number; // Hz
  /** Samples that the sound's first one stands behind its beginning; default 0. */
  late?: number;
}

/** A sound of one channel, at its own rate. */
export interface MonoSound {
  waveform: Float32Array;
  sampleRate: number; // Hz
  /** Samples that the first one stands behind the beginning. */
  late: number;
  /** Of the file. */
  channels: number;
  /** Where the channels cancel each other, as they do when one is inverted: the number of the loudest, from 0; null: they do not. */
  loudestOfCancelled: number | null;
}

export interface MixOptions {
  /** The format, as people call it. */
  name: string;
  limits: SoundLimits;
  /** The one channel that is taken; null: the mean of all. */
  channel: number | null;
  /** How long the sound says that it is: room is made for as much at first; 0: not known. */
  expectedSeconds?: number;
}

/** Mixes a sound to one channel part by part, so that a decoder's parts are never all there at once. */
export interface Mixer {
  /** @throws {InputError} as soon as there is more than the limits allow, or what is no sound. */
  add(part: SoundPart): void;
  finish(): MonoSound;
}

/** The mean is taken for cancelled where it has less than this of what the loudest channel alone would leave of it. */
const cancelledBelow = 0.25;

export function createMixer({ name, limits, channel, expectedSeconds = 0 }: MixOptions): Mixer {
  let mono = takeSpare();
  let [sampleRate, late, samples, meanPower] = [0, 0, 0, 0];
  const powers: number[] = [];
  return {
    add({ channels, sampleRate: rate, late: behind = 0 }) {
      const length = channels[0]?.length ?? 0;
      if (length === 0) return;
      if (sampleRate !== 0 && rate !== sampleRate) throw damaged(name, 'its sample rate changes midway');
      sampleRate = rate;
      late = behind;
      const end = samples + length;
      const width = Math.max(powers.length, channels.length);
      expectAffordable(limits, { samples: end, channels: width, sampleRate });
      if (end > mono.length) mono = lengthened(mono, samples, Math.max(end, expectedLength(expectedSeconds, rate)));
      const mixed = mix(channels, mono.subarray(samples, end));
      expectFullScale(mixed.highest, name);
      for (let c = 0; c < width; c++) {
        // A file of two channels may be mono for a while.
        powers[c] = (powers[c] ?? 0) + (mixed.powers[c % channels.length] as number);
      }
      meanPower += mixed.meanPower;
      if (channel !== null) mono.set(channels[channel % channels.length] as Float32Array, samples);
      samples = end;
    },
    finish() {
      const channels = powers.length;
      const loudest = powers.indexOf(Math.max(...powers));
      // Were it alone, the mean would have its power / channels².
      const least = (cancelledBelow / channels) ** 2 * (powers[loudest] ?? 0);
      const isCancelled = channel === null && channels > 1 && meanPower < least;
      const waveform = mono.subarray(0, samples);
      return { waveform, sampleRate, late, channels, loudestOfCancelled: isCancelled ? loudest : null };
    },
  };
}

/** What a file says of its length is not believed beyond this many samples: they are 4 MB. */
const mostExpected = 2 ** 20;

function expectedLength(seconds: number, sampleRate: number): number {
  const samples = Math.ceil(seconds * sampleRate);
  return samples > 0 ? Math.min(samples, mostExpected) : 0;
}

/** The last sound's array, for the next: to make and to collect one for each takes longer than to mix. */
let spare: Float32Array<ArrayBuffer> | null = null;

function takeSpare(): Float32Array<ArrayBuffer> {
  const taken = spare ?? new Float32Array(0);
  spare = null;
  return taken;
}

/** Says that nobody reads a mixed waveform any more. */
export function giveBack({ buffer }: Float32Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength <= 4 * mostExpected) spare = new Float32Array(buffer);
}

function lengthened(values: Float32Array, used: number, length: number): Float32Array<ArrayBuffer> {
  const longer = new Float32Array(Math.max(length, 2 * values.length));
  longer.set(values.subarray(0, used));
  return longer;
}

interface Mixed {
  /** Sums of squares: of each channel, of the mean. NaN where a value is. */
  powers: number[];
  meanPower: number;
  /** Of all squares. */
  highest: number;
}

/** @param mean is filled with the channels' mean. */
function mix(channels: Float32Array[], mean: Float32Array): Mixed {
  const [first = mean, second] = channels;
  if (!second) {
    const { powers, meanPower, highest } = mixStereo(first, first, mean);
    return { powers: powers.slice(0, 1), meanPower, highest };
  }
  if (channels.length === 2) return mixStereo(first, second, mean);
  for (let n = 0; n < mean.length; n++) {
    let sum = 0;
    for (const values of channels) sum += values[n] as number;
    mean[n] = sum / channels.length;
  }
  const all = channels.map(squares);
  const highest = Math.max(...all.map((one) => one.highest));
  return { powers: all.map(({ power }) => power), meanPower: squares(mean).power, highest };
}

/** Values of a channel that are mixed in one piece: what is summed up in 32 bits must not be too many. */
const blockLength = 4096;

/** What most files are. */
function mixStereo(first: Float32Array, second: Float32Array, mean: Float32Array): Mixed {
  const at = { first: 0, second: 4 * blockLength, mean: 8 * blockLength, found: 12 * blockLength };
  const kernels = simdKernels(at.found + 16);
  const values = new Float32Array(kernels.memory.buffer, 0, 3 * blockLength + 4);
  const mixed: Mixed & { powers: [number, number] } = { powers: [0, 0], meanPower: 0, highest: 0 };
  for (let start = 0; start < mean.length; start += blockLength) {
    const end = Math.min(mean.length, start + blockLength);
    const count = end - start;
    const padded = 4 * Math.ceil(count / 4);
    const channels = first === second ? [first] : [first, second];
    for (const [channel, samples] of channels.entries()) {
      values.set(start === 0 && end === samples.length ? samples : samples.subarray(start, end), channel * blockLength);
      values.fill(0, channel * blockLength + count, channel * blockLength + padded);
    }
    kernels.mixStereo(at.first, channels.length === 1 ? at.first : at.second, at.mean, at.found, padded);
    mean.set(values.subarray(2 * blockLength, 2 * blockLength + count), start);
    const found = 3 * blockLength;
    mixed.powers[0] += values[found] as number;
    mixed.powers[1] += values[found + 1] as number;
    mixed.meanPower += values[found + 2] as number;
    const highest = values[found + 3] as number;
    mixed.highest = Math.max(mixed.highest, highest * highest);
  }
  return Number.isNaN(mixed.powers[0] + mixed.powers[1]) ? { ...mixed, highest: Number.NaN } : mixed;
}

/** @returns the sum of all squares, NaN where a value is, and the highest of them. */
function squares(values: Float32Array): { power: number; highest: number } {
  let [power, highest] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    const square = (values[n] as number) * (values[n] as number);
    power += square;
    highest = Math.max(highest, square);
  }
  return { power, highest: Number.isNaN(power) ? power : highest };
}

/** Lossy formats and mixes in floating point exceed full scale a little; what exceeds it more has another scale. */
const loudestPeak = 4;

/** @throws {InputError} for what is no number, or far beyond full scale. */
function expectFullScale(highestSquare: number, name: string): void {
  if (highestSquare <= loudestPeak * loudestPeak) return;
  if (!Number.isFinite(highestSquare)) {
    throw new InputError(`The ${name} file has samples that are not numbers.`, 'unreadable_media');
  }
  const peak = Math.sqrt(highestSquare);
  const isLossy = ['mp3', 'ogg', 'm4a', 'webm'].includes(name);
  const advice = isLossy
    ? 'It is damaged, or was made of samples of another scale: record or convert it again.'
    : peak > 32 && peak <= 32768
      ? 'They look like 16-bit integers: divide them by 32768.'
      : 'Scale them before they are written as floating point.';
  throw new InputError(
    `Expected samples within ±1 but found ${Number(peak.toPrecision(6))} in the ${name} file. ${advice}`,
    'unreadable_media',
  );
}
