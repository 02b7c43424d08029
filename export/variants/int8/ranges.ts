import type { Observation } from './observe.ts';
import type { Range } from './scheme.ts';

/** How much of what was seen a value's 256 steps cover: all of it; all but the rarest. `docs/export.md` says why there is no third. */
export const calibrationMethods = ['min-max', 'percentile'] as const;
export type CalibrationMethod = (typeof calibrationMethods)[number];

export function rangeOf(observation: Observation, method: CalibrationMethod): Range {
  const { min, max } = observation;
  return max > min && method === 'percentile' ? percentileRange(observation) : { min, max };
}

/** Left out of the range at either end. */
const rarest = 1e-5;

function percentileRange({ min, max, histogram }: Observation): Range {
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
