import { InputError } from '../errors.ts';
import { damaged, expectAffordable, type SoundLimits } from './formats/format.ts';

/** What a decoder gives of a sound: a part of it, each channel `[samples]` float32. */
export interface SoundPart {
  channels: Float32Array[];
  sampleRate: number; // Hz
}

/** A sound of one channel, at its own rate. */
export interface MonoSound {
  waveform: Float32Array;
  sampleRate: number; // Hz
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
}

/** Mixes a sound to one channel part by part, so that a decoder's parts are never all there at once. */
export interface Mixer {
  /** @throws {InputError} as soon as there is more than the limits allow, or what is no sound. */
  add(part: SoundPart): void;
  finish(): MonoSound;
}

/** The mean is taken for cancelled where it has less than this of what the loudest channel alone would leave of it. */
const cancelledBelow = 0.25;

export function createMixer({ name, limits, channel }: MixOptions): Mixer {
  const parts: Float32Array[] = [];
  let [sampleRate, samples, meanPower] = [0, 0, 0];
  const powers: number[] = [];
  return {
    add(part) {
      const length = part.channels[0]?.length ?? 0;
      if (length === 0) return;
      if (sampleRate !== 0 && part.sampleRate !== sampleRate) throw damaged(name, 'its sample rate changes midway');
      sampleRate = part.sampleRate;
      samples += length;
      const width = Math.max(powers.length, part.channels.length);
      expectAffordable(limits, { samples, channels: width, sampleRate });
      const mixed = mix(part.channels);
      expectFullScale(mixed.highest, name);
      for (let c = 0; c < width; c++) {
        // A file of two channels may be mono for a while.
        powers[c] = (powers[c] ?? 0) + (mixed.powers[c % part.channels.length] as number);
      }
      meanPower += mixed.meanPower;
      parts.push(channel === null ? mixed.mean : (part.channels[channel % part.channels.length] as Float32Array));
    },
    finish() {
      const channels = powers.length;
      const loudest = powers.indexOf(Math.max(...powers));
      // Were it alone, the mean would have its power / channels².
      const least = (cancelledBelow / channels) ** 2 * (powers[loudest] ?? 0);
      const isCancelled = channel === null && channels > 1 && meanPower < least;
      const waveform = join(parts, samples);
      return { waveform, sampleRate, channels, loudestOfCancelled: isCancelled ? loudest : null };
    },
  };
}

interface Mixed {
  /** Of one channel the very array. */
  mean: Float32Array;
  /** Sums of squares: of each channel, of the mean. NaN where a value is. */
  powers: number[];
  meanPower: number;
  /** Of all squares. */
  highest: number;
}

function mix(channels: Float32Array[]): Mixed {
  const [first = new Float32Array(0), second] = channels;
  if (!second) {
    const { power, highest } = squares(first);
    return { mean: first, powers: [power], meanPower: power, highest };
  }
  if (channels.length === 2) return mixStereo(first, second);
  const mean = new Float32Array(first.length);
  for (let n = 0; n < mean.length; n++) {
    let sum = 0;
    for (const values of channels) sum += values[n] as number;
    mean[n] = sum / channels.length;
  }
  const all = channels.map(squares);
  const highest = Math.max(...all.map((one) => one.highest));
  return { mean, powers: all.map(({ power }) => power), meanPower: squares(mean).power, highest };
}

/** What most files are, in one pass. */
function mixStereo(first: Float32Array, second: Float32Array): Mixed {
  const mean = new Float32Array(first.length);
  let [firstPower, secondPower, meanPower, highest] = [0, 0, 0, 0];
  for (let n = 0; n < mean.length; n++) {
    const a = first[n] as number;
    const b = second[n] as number;
    const middle = (a + b) / 2;
    mean[n] = middle;
    const aa = a * a;
    const bb = b * b;
    firstPower += aa;
    secondPower += bb;
    meanPower += middle * middle;
    if (aa > highest) highest = aa;
    if (bb > highest) highest = bb;
  }
  return {
    mean,
    powers: [firstPower, secondPower],
    meanPower,
    highest: Number.isNaN(firstPower + secondPower) ? Number.NaN : highest,
  };
}

/** @returns the sum of all squares, NaN where a value is, and the highest of them. */
function squares(values: Float32Array): { power: number; highest: number } {
  let [power, highest] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    const square = (values[n] as number) * (values[n] as number);
    power += square;
    if (square > highest) highest = square;
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
  const advice =
    peak > 32 && peak <= 32768
      ? 'They look like 16-bit integers: divide them by 32768.'
      : 'Scale them before they are written as floating point.';
  throw new InputError(
    `Expected samples within ±1 but found ${Number(peak.toPrecision(6))} in the ${name} file. ${advice}`,
    'unreadable_media',
  );
}

function join(parts: Float32Array[], samples: number): Float32Array {
  if (parts.length === 1) return parts[0] as Float32Array;
  const whole = new Float32Array(samples);
  let filled = 0;
  for (const part of parts) {
    whole.set(part, filled);
    filled += part.length;
  }
  return whole;
}
