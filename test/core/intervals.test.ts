import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Clip } from '#core/datasets/prepared.ts';
import { studentT975, wilsonInterval } from '#core/intervals.ts';
import { type ClassifiedItem, classificationMetrics, correspondenceMetrics, type JudgedPair } from '#core/metrics.ts';
import { normalQuantile, normalShare } from '#core/normalQuantile.ts';
import { Random } from '#core/random.ts';
import { drawFixedPairs } from '../../prepare/fixedPairs.ts';

/** How often the truth lies in the interval, in that many simulations. */
function coverage(simulations: number, simulate: (random: Random) => { truth: number; interval: [number, number] }) {
  let held = 0;
  for (let i = 0; i < simulations; i++) {
    const { truth, interval } = simulate(new Random(1, i));
    if (interval[0] <= truth && truth <= interval[1]) held++;
  }
  return held / simulations;
}

/** 1,000 simulations of an interval that holds the truth in 95 % give 93.6 to 96.4 % in 95 of 100 cases. */
const simulations = 1000;
function expectNinetyFive(share: number) {
  expect(share).toBeGreaterThanOrEqual(0.93);
  expect(share).toBeLessThanOrEqual(0.97);
}

/** Which are hard for a model differs from clip to clip: of some it names nearly all items right, of others few. */
interface ClipOptions {
  clips: number;
  itemsPerClip: number;
  /** Of how often an item is named right, as a logit: its mean over clips. Default 1.6. */
  ease?: number;
}

function clipItems(random: Random, { clips, itemsPerClip, ease = 1.6 }: ClipOptions) {
  const probabilities: Float32Array[] = [];
  const items: ClassifiedItem[] = [];
  for (let clip = 0; clip < clips; clip++) {
    const share = 1 / (1 + Math.exp(-(ease + 0.9 * random.normal())));
    for (let i = 0; i < itemsPerClip; i++) {
      const isRight = random.uniform() < share;
      const category = i % 2;
      probabilities.push(isRight === (category === 0) ? Float32Array.of(1, 0) : Float32Array.of(0, 1));
      items.push({ category, source: String(clip) });
    }
  }
  return [probabilities, items] as const;
}

/** The mean of what {@link clipItems} draws, by integration over the normal distribution. */
function clipTruth(ease = 1.6): number {
  let [total, weights] = [0, 0];
  for (let z = -8; z <= 8; z += 0.001) {
    const weight = Math.exp(-(z ** 2) / 2);
    total += weight / (1 + Math.exp(-(ease + 0.9 * z)));
    weights += weight;
  }
  return total / weights;
}

describe('the 95 % interval holds the truth in 93 to 97 % of simulations', () => {
  test.each([
    { clips: 10, itemsPerClip: 100 },
    { clips: 40, itemsPerClip: 10 },
    { clips: 200, itemsPerClip: 1 },
    { clips: 10, itemsPerClip: 100, ease: 3.4 },
    { clips: 60, itemsPerClip: 20, ease: 3.4 },
  ])('of $clips clips with $itemsPerClip items each, ease $ease', (options) => {
    const truth = clipTruth(options.ease);
    const share = coverage(simulations, (random) => {
      const { accuracyLow, accuracyHigh } = classificationMetrics(...clipItems(random, options));
      return { truth, interval: [accuracyLow, accuracyHigh] };
    });
    expectNinetyFive(share);
  });

  test('where Wilson, who takes the items for independent, holds it in half of them', () => {
    const share = coverage(simulations, (random) => {
      const items = clipItems(random, { clips: 10, itemsPerClip: 100 });
      const { accuracy, items: count } = classificationMetrics(...items);
      return { truth: clipTruth(), interval: wilsonInterval(accuracy, count, 1.96) };
    });
    expect(share).toBeLessThan(0.55);
  });

  /** Clips of which sound, picture or both are more or less telling. */
  const fixed = [
    { clips: 10, sound: 0.5, picture: 0.5, clip: 0.8, ease: 1 },
    { clips: 10, sound: 1, picture: 0, clip: 0, ease: 1 },
    { clips: 10, sound: 0, picture: 0, clip: 0, ease: 1 },
    { clips: 60, sound: 0.5, picture: 0.5, clip: 0.5, ease: 1 },
    { clips: 10, sound: 0.5, picture: 0.5, clip: 0.8, ease: 2.22 }, // ROC AUC .99
    { clips: 10, sound: 1, picture: 0, clip: 0, ease: 2.33 },
  ];
  test.each(fixed)(
    'of the fixed pairs of $clips clips: effects of sound $sound, picture $picture, clip $clip; ease $ease',
    (effects) => {
      const clips = Array.from({ length: effects.clips }, (_, i): Clip => {
        const key = String(i);
        const sound = { seconds: 10, startSeconds: 0 };
        const pictures = [{ width: 256, height: 256, timeSeconds: 5 }];
        return { key, source: key, split: 'test', fold: null, categories: [], sound, pictures };
      });
      const pairs = drawFixedPairs(clips, { pairing: 'same-clip', sampleRate: 100, seed: 3 });
      const judge = (random: Random): JudgedPair[] => {
        const draw = (size: number) => clips.map(() => size * random.normal());
        const [ofSound, ofPicture, ofClip] = [draw(effects.sound), draw(effects.picture), draw(effects.clip)];
        return pairs.map(({ sound, picture, corresponds }) => {
          const telling = (ofSound[Number(sound.key)] as number) + (ofPicture[Number(picture.key)] as number);
          const own = corresponds ? effects.ease + (ofClip[Number(sound.key)] as number) : -effects.ease;
          const score = 1 / (1 + Math.exp(-(own + telling + random.normal())));
          return { score, corresponds, sources: [sound.key, picture.key] };
        });
      };
      // Of a pair of two other clips, and of another match beside another mismatch: sums of normal numbers.
      const spread = 1 + effects.sound ** 2 + effects.picture ** 2;
      const truth = {
        accuracy:
          (normalBelow(effects.ease / Math.sqrt(spread + effects.clip ** 2)) +
            normalBelow(effects.ease / Math.sqrt(spread))) /
          2,
        rocAuc: normalBelow((2 * effects.ease) / Math.sqrt(2 * spread + effects.clip ** 2)),
      };
      const held = { accuracy: 0, rocAuc: 0 };
      for (let i = 0; i < 400; i++) {
        const metrics = correspondenceMetrics(judge(new Random(1, i)));
        for (const name of ['accuracy', 'rocAuc'] as const) {
          if (metrics[`${name}Low`] <= truth[name] && truth[name] <= metrics[`${name}High`]) held[name] += 1 / 400;
        }
      }
      // Of 400 simulations the share differs by ± 2 %.
      for (const name of ['accuracy', 'rocAuc'] as const) {
        expect(held[name], name).toBeGreaterThanOrEqual(0.925);
        expect(held[name], name).toBeLessThanOrEqual(0.975);
      }
    },
  );
});

describe('against other programs', () => {
  test("the normal distribution's quantiles are those of Python's statistics.NormalDist, to six digits", () => {
    const quantiles = [
      ...[
        [1e-12, -7.0344838],
        [1e-6, -4.7534243],
        [0.001, -3.0902323],
        [0.05, -1.6448536],
        [0.075, -1.4395315],
      ],
      ...[
        [0.2, -0.8416212],
        [0.9, 1.2815516],
        [0.975, 1.959964],
        [0.9999, 3.7190165],
      ],
    ] as [number, number][];
    for (const [share, quantile] of quantiles) {
      expect(normalQuantile(share) / quantile, String(share)).toBeCloseTo(1, 6);
      expect(normalShare(quantile) / share, String(share)).toBeCloseTo(1, 5);
    }
    expect([0, 0.5, 1].map(normalQuantile)).toEqual([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]);
  });

  /** Made by `test/fixtures/metrics/make.py` with statsmodels 0.15.0, SciPy and NumPy. */
  const { wilson, studentT, delong } = JSON.parse(
    readFileSync(new URL('../fixtures/metrics/intervals.json', import.meta.url), 'utf8'),
  );

  test("Wilson's interval and Student's t are those of statsmodels and SciPy", () => {
    for (const { right, count, low, high } of wilson) {
      const interval = wilsonInterval(right / count, count, 1.959963984540054);
      expect(interval).toEqual([expect.closeTo(low, 9), expect.closeTo(high, 9)]);
    }
    for (const [degrees, t] of studentT) expect(studentT975(degrees) / t, degrees).toBeCloseTo(1, 4);
  });

  test('of independent pairs the ROC AUC’s interval is as wide as by DeLong, DeLong and Clarke-Pearson', () => {
    const pairs: JudgedPair[] = delong.scores.map((score: number, i: number) => ({
      score: 1 / (1 + Math.exp(-score)), // only the order counts
      corresponds: delong.corresponds[i],
      sources: [String(i), String(i)],
    }));
    const { rocAuc, rocAucLow, rocAucHigh } = correspondenceMetrics(pairs);
    expect(rocAuc).toBeCloseTo(delong.area, 9);
    expect((rocAucHigh - rocAucLow) / (2 * 1.96 * delong.deviation)).toBeCloseTo(1, 1);
  });
});

test('the same items give the same interval, which is [0, 1] where all come of one source', () => {
  const of = (clips: number) => classificationMetrics(...clipItems(new Random(5), { clips, itemsPerClip: 9 }));
  expect(of(6)).toEqual(of(6));
  expect(of(6).accuracyLow).toBeGreaterThan(0);
  expect(of(1)).toMatchObject({ accuracyLow: 0, accuracyHigh: 1 });
});

test('what never errs is not known to be perfect: its interval is as wide as its sources are few', () => {
  const perfect = (clips: number) =>
    Array.from({ length: clips * 50 }, (_, i): JudgedPair => {
      const corresponds = i % 2 === 0;
      return { score: Number(corresponds), corresponds, sources: [String(i % clips), String(i % clips)] };
    });
  const [few, many] = [5, 500].map((clips) => correspondenceMetrics(perfect(clips)));
  expect(few).toMatchObject({ accuracy: 1, accuracyHigh: 1, rocAuc: 1, rocAucHigh: 1 });
  expect(few?.accuracyLow).toBeLessThan(0.6);
  expect(many?.accuracyLow).toBeGreaterThan(0.98);
  expect(many?.rocAucLow).toBeGreaterThan(0.98);
});

/** P(a standard normal number < x). */
function normalBelow(x: number): number {
  let total = 0;
  for (let z = -8; z < x; z += 0.0005) total += Math.exp(-(z ** 2) / 2) * 0.0005;
  return total / Math.sqrt(2 * Math.PI);
}
