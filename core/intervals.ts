import { normalQuantile, normalShare } from './normalQuantile.ts';
import { Random } from './random.ts';

/** A number in [0, 1] that was measured on things: judged pairs, or classified items. */
export interface Statistic {
  estimate: number;
  /** What each thing adds to it, above what it would add if it were like the others: their sum is 0. */
  parts: Float64Array;
  /** What it would be without some of the things, by their positions. */
  without(things: readonly number[]): number;
}

/** Of what is heard and what is seen; equal where both, or the one thing there is, come from one source. */
export type Sources = readonly [heard: string, seen: string];

const resamples = 1000;

/**
 * Where the true value of a statistic lies with 95 % confidence, other sources being drawn: the studentised bootstrap over sources
 * (Efron and Tibshirani 1993, §12.5). Things of one source are not independent, so a hundred pairs of ten clips say little more than
 * ten; a plain percentile bootstrap would hold the truth in 90 % of cases there, this one in 95.
 *
 * - Each source's influence is found by leaving it out (the jackknife). Where no source is both heard and seen, heard and seen ones are
 *   drawn apart.
 * - A pair of two sources is counted by both; what is its own, neither source's, is taken off once (as Aronow, Samii and Assenova 2015
 *   do for dyads, but by the residuals of an analysis of variance, which is right for a few sources as well).
 * - It is drawn on the scale of the normal quantile, where an interval near 0 or 1 is about as wide on both sides, and never narrower than by
 *   Student's t: of ten sources the bootstrap's own quantiles vary. What leaving a source out changes is taken on that scale too: on the
 *   logit's, by its slope alone (the delta method), ten clips with a ROC AUC of .99 were held in 92.3 and 92.6 % of 1,000 simulations, so in
 *   94.0 and 94.3, the others as before.
 * - Where too many resamples have no spread at all, as with a handful of errors, it is Wilson's interval of the number of independent
 *   things that the variance amounts to (Korn and Graubard 1998), with Student's t.
 *
 * @param sources of each thing.
 * @returns inside [0, 1], which it is where there is one source only. The same numbers each time.
 */
export function intervalOverSources(
  { estimate, parts, without }: Statistic,
  sources: readonly Sources[],
): [low: number, high: number] {
  const numbered = numberSources(sources);
  const things: number[][] = Array.from({ length: numbered.count }, () => []);
  for (const [i, [heard, seen]] of numbered.sources.entries()) {
    things[heard]?.push(i);
    if (seen !== heard) things[seen]?.push(i);
  }
  const left = Float64Array.from(things, without);
  const influencesOn = (scale: (share: number) => number) =>
    numbered.strata.map(([first, end]) =>
      left.slice(first, end).map((share) => (end - first - 1) * (scale(estimate) - scale(share))),
    );
  const influences = influencesOn((share) => share);
  const degrees = Math.min(...influences.map(({ length }) => length)) - 1;
  if (degrees < 1) return [0, 1];
  const ofSources = sum(influences.map(varianceOfMean));
  const variance = Math.max(ofSources - ownVariance(parts, numbered), ofSources / 2);
  const t = studentT975(degrees);
  // Where nothing varies, nothing is known of how things of one source go together: no more than the sources count.
  if (!(variance > 0)) return wilsonInterval(estimate, Math.min(degrees + 1, sources.length), t);
  const onProbit = influencesOn(normalQuantile);
  const deviation = Math.sqrt((sum(onProbit.map(varianceOfMean)) * variance) / ofSources);
  const [low, high] = Number.isFinite(deviation) ? studentisedQuantiles(onProbit) : [Number.NaN, Number.NaN];
  if (Number.isFinite(low) && Number.isFinite(high)) {
    const centre = normalQuantile(estimate);
    return [normalShare(centre - Math.max(high, t) * deviation), normalShare(centre - Math.min(low, -t) * deviation)];
  }
  return wilsonInterval(estimate, (estimate * (1 - estimate)) / variance, t);
}

/**
 * Wilson score interval of a share (Wilson 1927).
 *
 * @param count of independent things that the share is of.
 * @param quantile of the distribution, 1.96 for 95 % of many.
 */
export function wilsonInterval(share: number, count: number, quantile: number): [low: number, high: number] {
  if (!(count > 0)) return [0, 1];
  const square = quantile ** 2 / count;
  const half = quantile * Math.sqrt((share * (1 - share)) / count + square / (4 * count));
  const ends = [-half, half].map((distance) => (share + square / 2 + distance) / (1 + square));
  return [Math.max(0, ends[0] as number), Math.min(1, ends[1] as number)];
}

/** Student's t at 97.5 % (Hill 1970, algorithm 396: six digits). */
export function studentT975(degrees: number): number {
  if (degrees === 1) return Math.tan(0.475 * Math.PI);
  const p = 0.05;
  if (degrees === 2) return Math.sqrt(2 / (p * (2 - p)) - 2);
  const a = 1 / (degrees - 0.5);
  const b = 48 / a ** 2;
  let c = ((20700 * a) / b - 98) * a - 16 * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * degrees;
  let y = (d * p) ** (2 / degrees);
  if (y > 0.05 + a) {
    const x = -1.959964; // the normal distribution's
    y = x ** 2;
    if (degrees < 5) c += 0.3 * (degrees - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y ** 2);
  } else {
    y =
      ((1 / (((degrees + 6) / (degrees * y) - 0.089 * d - 0.822) * (degrees + 2) * 3) + 0.5 / (degrees + 4)) * y - 1) *
        ((degrees + 1) / (degrees + 2)) +
      1 / y;
  }
  return Math.sqrt(degrees * y);
}

interface NumberedSources {
  /** Of each thing. */
  sources: [heard: number, seen: number][];
  count: number;
  /** The sources that are drawn together: from the first number to before the end. */
  strata: [first: number, end: number][];
}

function numberSources(sources: readonly Sources[]): NumberedSources {
  const numbers = new Map<string, number>();
  for (const [heard] of sources) if (!numbers.has(heard)) numbers.set(heard, numbers.size);
  const heardCount = numbers.size;
  const isApart = sources.every(([, seen]) => !numbers.has(seen));
  for (const [, seen] of sources) if (!numbers.has(seen)) numbers.set(seen, numbers.size);
  const count = numbers.size;
  return {
    sources: sources.map(([heard, seen]) => [numbers.get(heard) as number, numbers.get(seen) as number]),
    count,
    strata: isApart
      ? [
          [0, heardCount],
          [heardCount, count],
        ]
      : [[0, count]],
  };
}

/** The variance that pairs of two sources add which is neither source's. */
function ownVariance(parts: Float64Array, { sources, count }: NumberedSources): number {
  const pairs = new Map<number, { sources: [number, number]; total: number; things: number }>();
  for (const [i, [heard, seen]] of sources.entries()) {
    if (heard === seen) continue;
    const [low, high] = heard < seen ? [heard, seen] : [seen, heard];
    const pair = pairs.get(low * count + high) ?? { sources: [low, high], total: 0, things: 0 };
    pair.total += parts[i] as number;
    pair.things++;
    pairs.set(low * count + high, pair);
  }
  const ofSource = Array.from({ length: count }, () => ({ total: 0, things: 0, partners: 0 }));
  const all = { total: 0, things: 0 };
  for (const { sources, total, things } of pairs.values()) {
    for (const source of sources) {
      const own = ofSource[source] as (typeof ofSource)[number];
      own.total += total;
      own.things += things;
      own.partners++;
    }
    all.total += total;
    all.things += things;
  }
  let variance = 0;
  for (const { sources, total, things } of pairs.values()) {
    const [a, b] = sources.map((source) => ofSource[source]) as [(typeof ofSource)[0], (typeof ofSource)[0]];
    const residual = total - things * (a.total / a.things + b.total / b.things - all.total / all.things);
    // The share of the pair's own variance that is left in its residual.
    const left = 1 - 1 / a.partners - 1 / b.partners + 2 / (a.partners * b.partners);
    variance += residual ** 2 / Math.max(left, 0.5);
  }
  return variance;
}

/** Of (resampled − estimate) / deviation of the resample, at 2.5 % and 97.5 %; infinite where too many have no deviation. */
function studentisedQuantiles(influences: Float64Array[]): [low: number, high: number] {
  const random = new Random(0);
  const centred = influences.map((values) => {
    const mean = sum(values) / values.length;
    return values.map((value) => value - mean);
  });
  const ratios = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let [difference, variance] = [0, 0];
    for (const values of centred) {
      const count = values.length;
      let [total, squares] = [0, 0];
      for (let k = 0; k < count; k++) {
        const value = values[random.integer(count)] as number;
        total += value;
        squares += value * value;
      }
      difference += total / count;
      variance += Math.max(0, squares - total ** 2 / count) / (count - 1) / count;
    }
    // Rounding may leave a little of a variance that is 0.
    ratios[i] = variance > 1e-12 * difference ** 2 ? difference / Math.sqrt(variance) : difference / 0 || 0;
  }
  ratios.sort();
  return [ratios[0.025 * resamples] as number, ratios[0.975 * resamples - 1] as number];
}

function varianceOfMean(values: Float64Array): number {
  const mean = sum(values) / values.length;
  return sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1) / values.length;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
