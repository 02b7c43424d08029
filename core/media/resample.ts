import { InputError } from '../errors.ts';
import { kaiser } from './kaiser.ts';
import { simdKernels } from './simd/kernels.ts';
import { sinc } from './sinc.ts';

/**
 * The low-pass filter of every ratio: a sinc under a Kaiser window, designed by Kaiser's formulas (J. F. Kaiser, "Nonrecursive
 * digital filter design using the I0-sinh window function", 1974; as in scipy.signal.kaiserord). Frequencies are shares of the lower
 * rate's half: what is above 1 would be heard at another pitch, so the stop-band begins there.
 */
const design = {
  passBand: 0.9,
  stopBand: 1,
  /** dB that the stop-band is below the pass-band; the pass-band's ripple is as small. */
  attenuation: 110,
};
const betaFor = (attenuation: number) => 0.1102 * (attenuation - 8.7);
/** Samples that a filter takes whose transition has this width, in cycles a sample. */
const lengthFor = (attenuation: number, transition: number) => (attenuation - 7.95) / (14.36 * transition);
/** Of the filter between two rates, in samples of the lower. */
const length = lengthFor(design.attenuation, (design.stopBand - design.passBand) / 2);
const cutOff = (design.passBand + design.stopBand) / 2;

/** As long as this many times the new rate is left, a sound is halved first, by a filter that need not be steep. */
const leastAfterHalving = 1.25;
/** Of those filters, so that several of them do not add to the last one's ripple. */
const halvingAttenuation = 130;
/** Ratios of more phases than this have their filters drawn straight between so many: off by 118 dB, (π/1024)²/8. */
const maxRows = 1024;
/** Outputs that are computed in one piece; a multiple of 16. */
const blockLength = 2 ** 13;

/** A sound whose first value is not always its first sample: filters ring before and after it. */
interface Signal {
  values: Float32Array;
  /** Number of the first value. Where there is no value there is silence. */
  first: number;
}

/** The filter, shifted to each place that an output can have between two inputs. */
interface FilterBank {
  /** float32 `[rows + 1, taps]`, one row for each place, the last one for the next input's. */
  filters: Float32Array;
  rows: number;
  /** A multiple of 8. Taps of a row belong to the inputs from `taps / 2 − 1` before the output's place on. */
  taps: number;
}

/**
 * Band-limited resampling by a rational factor (polyphase). The sound keeps its place in time: the filter's phase is zero, and before
 * and after the sound there is silence. The same bits in every JavaScript engine.
 *
 * @param waveform `[samples]` float32.
 * @param fromRate Hz, as is `toRate`: from 1000 to 192,000.
 * @param late samples that the first one stands behind the sound's beginning: a quarter, or nothing.
 * @returns `[round(samples · toRate / fromRate)]`; the very array where the rates are the same.
 */
export function resample(waveform: Float32Array, fromRate: number, toRate: number, late = 0): Float32Array {
  if (fromRate === toRate) return waveform;
  for (const rate of [fromRate, toRate]) {
    if (Number.isInteger(rate) && rate >= 1000 && rate <= 192_000) continue;
    throw new InputError(`Expected a sample rate from 1000 to 192000 Hz but received ${rate} Hz.`, 'unsupported_media');
  }
  const outputs = Math.max(1, Math.round((waveform.length * toRate) / fromRate));
  let signal: Signal = { values: waveform, first: 0 };
  let rate = fromRate;
  for (let turn = 0; rate / 2 >= leastAfterHalving * toRate; rate /= 2, turn = 1 - turn) {
    signal = halve(signal, toRate / rate, turn);
  }
  return filterPolyphase(signal, outputs, placesOf(toRate * (fromRate / rate), fromRate, (late * rate) / fromRate));
}

/** @returns the least rate that a sound can be given at, where what only a higher one can have is not heard at `toRate`: Hz. */
export function leastRateFor(toRate: number): number {
  return leastAfterHalving * toRate;
}

/** Where sounds are halved into, by turns: to make and to collect an array for each takes longer than to fill it. */
const rooms = [new Float32Array(0), new Float32Array(0)];
/** Longer ones are not kept. They are 2 MB. */
const mostKept = 2 ** 19;

function roomFor(length: number, turn: number): Float32Array {
  if (length > mostKept) return new Float32Array(length);
  const room = rooms[turn] as Float32Array;
  if (room.length >= length) return room.subarray(0, length);
  const larger = new Float32Array(length);
  rooms[turn] = larger;
  return larger;
}

/**
 * @param share of the signal's rate that the rate wanted is: what is above half of that may be lost.
 * @param turn 0 or 1: the room that the signal itself is not in.
 */
function halve({ values, first }: Signal, share: number, turn: number): Signal {
  const half = lengthFor(halvingAttenuation, 0.5 - share) / 2;
  const taps = Math.ceil((half - 1) / 2);
  const beta = betaFor(halvingAttenuation);
  const filter = Float64Array.from({ length: taps }, (_, k) => sinc(k + 0.5) * kaiser((2 * k + 1) / half, beta));
  const sum = filter.reduce((total, tap) => total + tap);
  const halvedFirst = Math.floor(first / 2) - taps;
  const halved = roomFor(Math.ceil((first + values.length) / 2) + taps - halvedFirst, turn);

  const sideLength = blockLength + 4 * Math.ceil(taps / 2); // evens or odds of a block
  const at = { filter: 0, input: 4 * taps, evens: 4 * (taps + 2 * sideLength), odds: 4 * (taps + 3 * sideLength) };
  const output = at.odds + 4 * sideLength;
  const kernels = simdKernels(output + 4 * blockLength);
  const { buffer } = kernels.memory;
  const input = new Float32Array(buffer, at.input, 2 * sideLength);
  new Float32Array(buffer, at.filter, taps).set(filter.map((tap) => tap / (4 * sum))); // on both sides, half in all
  for (let start = 0; start < halved.length; start += blockLength) {
    fillFrom(input, values, 2 * (halvedFirst + start - taps) - first);
    kernels.deinterleave(at.input, at.evens, at.odds, sideLength);
    kernels.halfBand(at.evens, at.odds, at.filter, taps, output, blockLength);
    const count = Math.min(blockLength, halved.length - start);
    halved.set(new Float32Array(buffer, output, count), start);
  }
  return { values: halved, first: halvedFirst };
}

/** @param ratio an output every `step` of the `places` between inputs, the first so many before the first input. */
function filterPolyphase({ values, first }: Signal, outputs: number, { places, step, before }: Places): Float32Array {
  const { filters, rows, taps } = filterBank(places, step);
  const filtered = new Float32Array(outputs);
  const inputLength = Math.ceil((blockLength * step) / places) + 1 + taps;
  const at = { bank: 0, input: 4 * filters.length, output: 4 * (filters.length + inputLength) };
  const kernels = simdKernels(at.output + 4 * blockLength);
  const memory = new Float32Array(kernels.memory.buffer);
  memory.set(filters);
  const input = memory.subarray(at.input / 4, at.output / 4);
  const output = memory.subarray(at.output / 4);
  for (let start = 0; start < outputs; start += blockLength) {
    const count = Math.min(blockLength, outputs - start);
    const nearest = Math.floor((start * step - before) / places);
    fillFrom(input, values, nearest - taps / 2 + 1 - first);
    const place = start * step - before - nearest * places;
    if (rows === places) kernels.polyphase(at.input, at.bank, at.output, count, taps, places, step, place);
    else kernels.polyphaseBetween(at.input, at.bank, at.output, count, taps, rows, places, step, place);
    filtered.set(output.subarray(0, count), start);
  }
  return filtered;
}

/** Copies the values from number `start` on, and silence where there are none. */
function fillFrom(target: Float32Array, values: Float32Array, start: number): void {
  const part = values.subarray(Math.max(0, start), Math.max(0, start + target.length));
  const before = Math.min(target.length, Math.max(0, -start));
  target.fill(0, 0, before);
  target.set(part, before);
  target.fill(0, before + part.length);
}

interface Places {
  places: number;
  step: number;
  before: number;
}

function placesOf(toRate: number, fromRate: number, late: number): Places {
  const divisor = greatestCommonDivisor(toRate, fromRate);
  let finer = 1;
  while (!Number.isInteger((late * finer * toRate) / divisor)) finer *= 2;
  const places = (finer * toRate) / divisor;
  return { places, step: (finer * fromRate) / divisor, before: late * places };
}

const keptBanks = 8;
const banks = new Map<string, FilterBank>();

function filterBank(places: number, step: number): FilterBank {
  const key = `${step}:${places}`;
  const bank = banks.get(key) ?? makeFilterBank(places, step);
  banks.delete(key);
  banks.set(key, bank); // now the youngest
  if (banks.size > keptBanks) banks.delete(banks.keys().next().value as string);
  return bank;
}

function makeFilterBank(places: number, step: number): FilterBank {
  const rows = Math.min(places, maxRows);
  const stretch = Math.max(1, step / places); // the filter's time runs by the lower rate
  const half = (length / 2) * stretch;
  const taps = 8 * Math.ceil(Math.ceil(half) / 4);
  const filters = new Float32Array((rows + 1) * taps);
  const filter = new Float64Array(taps);
  const beta = betaFor(design.attenuation);
  for (let row = 0; row <= rows / 2; row++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const time = tap - (taps / 2 - 1) - row / rows; // in inputs, from the output's place
      const outward = time / half;
      const value = outward * outward < 1 ? sinc((cutOff * time) / stretch) * kaiser(outward, beta) : 0;
      filter[tap] = value;
      sum += value;
    }
    // Every row passes a constant exactly: none is heard as a tone of the rates' common divisor.
    for (let tap = 0; tap < taps; tap++) {
      const value = (filter[tap] as number) / sum;
      filters[row * taps + tap] = value;
      filters[(rows - row) * taps + (taps - 1 - tap)] = value; // as far on the other side
    }
  }
  return { filters, rows, taps };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
