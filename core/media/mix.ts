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
      for (let c = 0; c < width; c++) {
        const values = part.channels[c % part.channels.length] as Float32Array; // mono for a while, in a file of two
        powers[c] = (powers[c] ?? 0) + measure(values, name);
      }
      const mixed = channel === null ? meanOf(part.channels) : part.channels[channel % part.channels.length];
      parts.push(mixed as Float32Array);
      if (channel === null) meanPower += part.channels.length === 1 ? 0 : squares(mixed as Float32Array).power;
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

/** @returns the very array where there is one. */
function meanOf(channels: Float32Array[]): Float32Array {
  const [first = new Float32Array(0), second] = channels;
  if (!second) return first;
  const mean = new Float32Array(first.length);
  if (channels.length === 2) {
    for (let n = 0; n < mean.length; n++) mean[n] = ((first[n] as number) + (second[n] as number)) / 2;
    return mean;
  }
  for (let n = 0; n < mean.length; n++) {
    let sum = 0;
    for (const values of channels) sum += values[n] as number;
    mean[n] = sum / channels.length;
  }
  return mean;
}

/** Lossy formats and mixes in floating point exceed full scale a little; what exceeds it more has another scale. */
const loudestPeak = 4;

/** @returns the sum of squares. @throws {InputError} for what is no number, or far beyond full scale. */
function measure(values: Float32Array, name: string): number {
  const { power, highest } = squares(values);
  if (power < Number.POSITIVE_INFINITY && highest <= loudestPeak * loudestPeak) return power;
  if (!Number.isFinite(power)) {
    throw new InputError(`The ${name} file has samples that are not numbers.`, 'unreadable_media');
  }
  const peak = Math.sqrt(highest);
  const advice =
    peak > 32 && peak <= 32768
      ? 'They look like 16-bit integers: divide them by 32768.'
      : 'Scale them before they are written as floating point.';
  throw new InputError(
    `Expected samples within ±1 but found ${Number(peak.toPrecision(6))} in the ${name} file. ${advice}`,
    'unreadable_media',
  );
}

/** @returns the sum of all squares, NaN where a value is, and the highest of them. */
function squares(values: Float32Array): { power: number; highest: number } {
  let [power, highest] = [0, 0];
  for (let n = 0; n < values.length; n++) {
    const square = (values[n] as number) * (values[n] as number);
    power += square;
    if (square > highest) highest = square;
  }
  return { power, highest };
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
