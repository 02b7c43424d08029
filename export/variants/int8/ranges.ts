import type { Observation } from './observe.ts';
import type { Range } from './scheme.ts';

/** How much of what was seen a value's 256 steps cover: all of it; all but the rarest; what keeps the distribution most alike. */
export const calibrationMethods = ['min-max', 'percentile', 'entropy'] as const;
/** Those that are tried where none is asked for: entropy has never lost less (`docs/export.md`). */
export const triedMethods = ['min-max', 'percentile'] as const satisfies readonly CalibrationMethod[];
export type CalibrationMethod = (typeof calibrationMethods)[number];

type Seen = Pick<Observation, 'min' | 'max' | 'histogram'>;

export function rangeOf(observation: Seen, method: CalibrationMethod): Range {
  const { min, max } = observation;
  if (!(max > min) || method === 'min-max') return { min, max };
  return method === 'percentile' ? percentileRange(observation) : entropyRange(observation);
}

/** Left out of the range at either end. */
const rarest = 1e-5;

function percentileRange({ min, max, histogram }: Seen): Range {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const width = (max - min) / histogram.length;
  const inside = (counts: Float64Array) => {
    let left = 0;
    let bin = 0;
    while (bin < counts.length - 1 && left + (counts[bin] as number) <= rarest * total) left += counts[bin++] as number;
    return bin;
  };
  return { min: min + inside(histogram) * width, max: max - inside(histogram.toReversed()) * width };
}

const levels = 128; // of magnitude: half of 256 for a value of both signs

/**
 * The magnitude to clip at, of which the quantised distribution has the least Kullback-Leibler divergence from the real one (Migacz, "8-bit
 * Inference with TensorRT", 2017).
 */
function entropyRange(observation: Seen): Range {
  const { min, max } = observation;
  const counts = magnitudes(observation);
  const most = Math.max(Math.abs(min), Math.abs(max));
  let best = { divergence: Number.POSITIVE_INFINITY, bins: counts.length };
  for (let bins = levels; bins <= counts.length; bins += levels / 16) {
    const divergence = divergenceAt(counts, bins);
    if (divergence < best.divergence) best = { divergence, bins };
  }
  const limit = (best.bins / counts.length) * most;
  return { min: Math.max(min, -limit), max: Math.min(max, limit) };
}

function magnitudes({ min, max, histogram }: Seen): Float64Array {
  const most = Math.max(Math.abs(min), Math.abs(max));
  const counts = new Float64Array(histogram.length);
  for (const [i, count] of histogram.entries()) {
    const value = Math.abs(min + ((i + 0.5) * (max - min)) / histogram.length);
    const bin = Math.min(counts.length - 1, Math.floor((value / most) * counts.length));
    counts[bin] = (counts[bin] as number) + count;
  }
  counts[0] = counts[1] as number; // what a Relu cut off says nothing about the rest
  return counts;
}

function divergenceAt(counts: Float64Array, bins: number): number {
  const real = counts.slice(0, bins);
  for (let i = bins; i < counts.length; i++) real[bins - 1] = (real[bins - 1] as number) + (counts[i] as number);
  const total = real.reduce((sum, count) => sum + count, 0);
  const quantized = new Float64Array(bins);
  for (let level = 0; level < levels; level++) {
    const [first, end] = [Math.floor((level * bins) / levels), Math.floor(((level + 1) * bins) / levels)];
    let [sum, filled] = [0, 0];
    for (let i = first; i < end; i++) {
      sum += counts[i] as number;
      if ((real[i] as number) > 0) filled++;
    }
    for (let i = first; i < end; i++) if ((real[i] as number) > 0) quantized[i] = sum / filled;
  }
  const quantizedTotal = quantized.reduce((sum, count) => sum + count, 0);
  let divergence = 0;
  for (let i = 0; i < bins; i++) {
    const p = (real[i] as number) / total;
    const q = Math.max((quantized[i] as number) / quantizedTotal, 1e-12);
    if (p > 0) divergence += p * Math.log(p / q);
  }
  return divergence;
}
