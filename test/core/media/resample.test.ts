import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resample } from '#core/media/resample.ts';

const decibels = (ratio: number) => 20 * Math.log10(ratio);

/** Made by make.py there. */
const { noise, scipy, soxr } = JSON.parse(
  readFileSync(new URL('../../fixtures/resampling/noise.json', import.meta.url), 'utf8'),
) as {
  noise: number[];
  scipy: { from: number; to: number; resampled: number[] }[];
  soxr: { noise: number[]; resampled: number[] };
};

test.each(scipy)(
  "noise from $from to $to Hz has the numbers of scipy's polyphase filter, to its very ends",
  (case_) => {
    const ours = resample(Float32Array.from(noise), case_.from, case_.to);
    expect(ours).toHaveLength(case_.resampled.length);
    expect(largestDifference(ours, Float32Array.from(case_.resampled))).toBeLessThan(2e-5); // its filter has a whole length
  },
);

test("noise from 48000 to 16000 Hz has soxr's numbers, where both filters let everything through", () => {
  const ours = resample(Float32Array.from(soxr.noise), 48_000, 16_000);
  expect(ours).toHaveLength(soxr.resampled.length);
  const middle = [100, 300] as const; // the sound's sudden end has all frequencies
  const theirs = Float32Array.from(soxr.resampled).subarray(...middle);
  expect(largestDifference(ours.subarray(...middle), theirs)).toBeLessThan(1e-5);
});

describe.each([
  [44_100, 8000],
  [44_100, 48_000],
  [48_000, 16_000],
  [8000, 44_100],
  [44_099, 8000], // more places between two samples than there are filters
  [192_000, 8000],
])('from %i to %i Hz', (from, to) => {
  const nyquist = Math.min(from, to) / 2;
  const seconds = 0.25;

  /** Largest error of a tone's middle, against the same tone sampled at the new rate. */
  const errorOf = (share: number, heard: boolean) => {
    const hertz = share * nyquist;
    const ours = resample(sine(hertz, from, from * seconds), from, to);
    const exact = sine(heard ? hertz : 0, to, ours.length);
    const [start, end] = [0.4, 0.6].map((part) => Math.round(part * ours.length));
    return largestDifference(ours.subarray(start, end), exact.subarray(start, end));
  };

  test('tones up to 0.9 of the lower half rate keep loudness, pitch and place within −105 dB', () => {
    for (let share = 0.011; share <= 0.9; share += 0.0737) {
      expect(decibels(errorOf(share, true)), `${share}`).toBeLessThan(-105);
    }
  });

  test.runIf(to < from)('tones that the new rate cannot carry are 105 dB lower', () => {
    for (let share = 1.005; share < from / to; share *= 1.13) {
      expect(decibels(errorOf(share, false)), `${share}`).toBeLessThan(-105);
    }
  });

  test('a constant stays what it is', () => {
    const ours = resample(new Float32Array(from * seconds).fill(1), from, to);
    const middle = ours.subarray(ours.length * 0.4, ours.length * 0.6);
    expect(largestDifference(middle, new Float32Array(middle.length).fill(1))).toBeLessThan(1e-6);
  });
});

test('a long sound has the same numbers as its part', () => {
  const long = Float32Array.from({ length: 500_000 }, (_, n) => Math.sin(n * n * 1e-6));
  const [whole, part] = [resample(long, 44_100, 16_000), resample(long.slice(0, 100_000), 44_100, 16_000)];
  expect(whole).toHaveLength(Math.round((500_000 * 160) / 441));
  expect(largestDifference(whole.subarray(0, 36_000), part.subarray(0, 36_000))).toBe(0);
});

test('every sample counts once, at its own place', () => {
  const click = new Float32Array(900);
  click[300] = 1;
  const ours = resample(click, 12_000, 48_000);
  expect(ours.indexOf(Math.max(...ours))).toBe(1200);
  expect(ours.slice(800, 1200)).toEqual(ours.slice(1201, 1601).reverse());
  expect(ours.reduce((sum, sample) => sum + sample)).toBeCloseTo(4, 5);
});

test('a single sample stays a sample, and none stays none', () => {
  expect(resample(Float32Array.of(1), 48_000, 8000)).toHaveLength(1);
  expect(resample(Float32Array.of(1, 2), 8000, 8000)).toEqual(Float32Array.of(1, 2));
});

test.each([999, 192_001, 44_100.5, Number.NaN])('a rate of %d Hz is refused', (rate) => {
  expect(() => resample(Float32Array.of(1), rate, 8000)).toThrow(/from 1000 to 192000 Hz/);
});

function sine(hertz: number, sampleRate: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / sampleRate));
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - (b[i] ?? Number.NaN))), 0);
}
