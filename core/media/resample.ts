import { InputError } from '../errors.ts';
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
const beta = 0.1102 * (design.attenuation - 8.7);
/** Of the filter, in samples of the lower rate: (A − 7.95) / (14.36 · width of the transition in cycles a sample). */
const length = (design.attenuation - 7.95) / (14.36 * ((design.stopBand - design.passBand) / 2));
const cutOff = (design.passBand + design.stopBand) / 2;

/** Ratios of more phases than this have their filters drawn straight between so many: off by 118 dB, (π/1024)²/8. */
const maxRows = 1024;
/** Outputs that are computed in one piece. */
const blockLength = 2 ** 14;

/** The filter, shifted to each place that an output can have between two inputs. */
interface FilterBank {
  /** float32 `[rows + 1, taps]`, one row for each place, the last one for the next input's. */
  filters: Float32Array;
  rows: number;
  /** A multiple of 16. Taps of a row belong to the inputs from `taps / 2 − 1` before the output's place on. */
  taps: number;
}

/**
 * Band-limited resampling by a rational factor (polyphase). The sound keeps its place in time: the filter's phase is zero, and before
 * and after the sound there is silence. The same bits in every JavaScript engine.
 *
 * @param waveform `[samples]` float32.
 * @param fromRate Hz, as is `toRate`: from 1000 to 192,000.
 * @returns `[round(samples · toRate / fromRate)]`; the very array where the rates are the same.
 */
export function resample(waveform: Float32Array, fromRate: number, toRate: number): Float32Array {
  if (fromRate === toRate) return waveform;
  for (const rate of [fromRate, toRate]) {
    if (Number.isInteger(rate) && rate >= 1000 && rate <= 192_000) continue;
    throw new InputError(`Expected a sample rate from 1000 to 192000 Hz but received ${rate} Hz.`, 'unsupported_media');
  }
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const [places, step] = [toRate / divisor, fromRate / divisor]; // an output every `step` of the places between inputs
  const { filters, rows, taps } = filterBank(places, step);

  const resampled = new Float32Array(Math.max(1, Math.round((waveform.length * places) / step)));
  const inputLength = Math.ceil((blockLength * step) / places) + 1 + taps;
  const at = { bank: 0, input: 4 * filters.length, output: 4 * (filters.length + inputLength) };
  const kernels = simdKernels(at.output + 4 * blockLength);
  const memory = new Float32Array(kernels.memory.buffer);
  memory.set(filters);
  const input = memory.subarray(at.input / 4, at.output / 4);
  const output = memory.subarray(at.output / 4);
  for (let first = 0; first < resampled.length; first += blockLength) {
    const count = Math.min(blockLength, resampled.length - first);
    const start = Math.floor((first * step) / places);
    fillFrom(input, waveform, start - taps / 2 + 1);
    const place = (first * step) % places;
    if (rows === places) kernels.polyphase(at.input, at.bank, at.output, count, taps, places, step, place);
    else kernels.polyphaseBetween(at.input, at.bank, at.output, count, taps, rows, places, step, place);
    resampled.set(output.subarray(0, count), first);
  }
  return resampled;
}

/** Copies the waveform from sample `start` on, and silence where it has none. */
function fillFrom(target: Float32Array, waveform: Float32Array, start: number): void {
  const part = waveform.subarray(Math.max(0, start), Math.max(0, start + target.length));
  const before = Math.min(target.length, Math.max(0, -start));
  target.fill(0, 0, before);
  target.set(part, before);
  target.fill(0, before + part.length);
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
  const taps = 16 * Math.ceil(Math.ceil(half) / 8);
  const filters = new Float32Array((rows + 1) * taps);
  const filter = new Float64Array(taps);
  for (let row = 0; row <= rows / 2; row++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const time = tap - (taps / 2 - 1) - row / rows; // in inputs, from the output's place
      const outward = time / half;
      const value = outward * outward < 1 ? sinc((cutOff * time) / stretch) * kaiser(outward) : 0;
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

/** Kaiser's window at `outward` of the way from its middle to its end, −1 … 1. */
function kaiser(outward: number): number {
  return besselI0(beta * Math.sqrt(1 - outward * outward)) / besselI0(beta);
}

/** The modified Bessel function of order 0: Σ ((x/2)^k / k!)². */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-18; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
