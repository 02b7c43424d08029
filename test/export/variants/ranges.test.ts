import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../export/variants/int8/ranges.ts';

/** A normal distribution's histogram from −10 to 10, and one value at 10. */
const bins = 2048;
const histogram = Float64Array.from({ length: bins }, (_, i) => {
  const value = -10 + ((i + 0.5) * 20) / bins;
  return Math.round(1e7 * Math.exp(-(value ** 2) / 2));
});
histogram[bins - 1] = 1;
const observation = { min: -10, max: 10, histogram };

describe('the range of a normal distribution with one value at ten deviations', () => {
  it('is all that was seen by min-max', () => {
    expect(rangeOf(observation, 'min-max')).toEqual({ min: -10, max: 10 });
  });

  // A hundred-thousandth of a normal distribution lies beyond 4.26 deviations.
  it('leaves out the rarest hundred-thousandth by percentile', () => {
    const { min, max } = rangeOf(observation, 'percentile');
    expect(min).toBeCloseTo(-4.26, 1);
    expect(max).toBeCloseTo(4.26, 1);
  });

  // TensorRT's authors show clipping between 3 and 5 deviations for such activations.
  it('clips where the distribution is kept by entropy, alike at both ends', () => {
    const { min, max } = rangeOf(observation, 'entropy');
    expect(max).toBeGreaterThan(3);
    expect(max).toBeLessThan(5.5);
    expect(min).toBe(-max);
  });

  it('is what it is where only one value was seen', () => {
    const one = { min: 2, max: 2, histogram: new Float64Array(bins) };
    for (const method of ['min-max', 'percentile', 'entropy'] as const)
      expect(rangeOf(one, method)).toEqual({ min: 2, max: 2 });
  });
});
