import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type ClassificationMetrics,
  type CorrespondenceMetrics,
  classificationMetrics,
  correspondenceMetrics,
  overWindows,
  rocAuc,
} from '#core/metrics.ts';

/** Made by `test/fixtures/metrics/make.py` with scikit-learn 1.9.1 and statsmodels 0.15.0. */
interface Fixture {
  correspondence: { scores: number[]; corresponds: boolean[]; expected: Partial<CorrespondenceMetrics> };
  classification: { probabilities: number[][]; classes: number[]; expected: ClassificationMetrics };
}
const { correspondence, classification }: Fixture = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/sklearn.json', import.meta.url), 'utf8'),
);

/** Each pair of a source of its own. */
const judged = (scores: number[], corresponds: boolean[]) =>
  scores.map((score, i) => ({
    score,
    corresponds: corresponds[i] as boolean,
    sources: [String(i), String(i)] as [string, string],
  }));

/** Intervals have tests of their own. */
const expectClose = (actual: Record<string, number>, expected: Record<string, number>) => {
  for (const [name, value] of Object.entries(expected)) {
    if (!/(Low|High)$/.test(name)) expect(actual[name], name).toBeCloseTo(value, 9);
  }
};

describe('of judged pairs', () => {
  test('accuracy, precision, recall, F1 and ROC AUC are those of scikit-learn', () => {
    const { scores, corresponds, expected } = correspondence;
    expectClose(correspondenceMetrics(judged(scores, corresponds)), expected);
  });

  test('a score of one half means a match', () => {
    expect(correspondenceMetrics(judged([0.5], [true])).accuracy).toBe(1);
  });

  test('precision and F1 are 0 where nothing is judged to match', () => {
    const { precision, recall, f1 } = correspondenceMetrics(judged([0.1, 0.2], [true, false]));
    expect({ precision, recall, f1 }).toEqual({ precision: 0, recall: 0, f1: 0 });
  });

  test('ROC AUC is not a number where only one kind of pair is there, rather than a flattering one', () => {
    expect(rocAuc(judged([0.2, 0.8], [true, true]))).toBeNaN();
  });
});

describe('of classified items', () => {
  const rows = classification.probabilities.map((row) => Float32Array.from(row));
  const items = classification.classes.map((category, i) => ({ category, source: String(i) }));

  test('accuracy, macro precision, recall, F1 and one-vs-rest ROC AUC are those of scikit-learn', () => {
    expectClose(classificationMetrics(rows, items), classification.expected);
  });

  test('a class that no item has and none is given counts in no mean', () => {
    const wider = rows.map((row) => Float32Array.of(...row, 0));
    expectClose(classificationMetrics(wider, items), classification.expected);
  });
});

describe("a classifier's answer about several windows", () => {
  const softmax = (scores: number[]) => {
    const weights = scores.map(Math.exp);
    const sum = weights.reduce((total, weight) => total + weight);
    return Float32Array.from(weights, (weight) => weight / sum);
  };
  const expectRow = (actual: Float32Array, expected: ArrayLike<number>) =>
    expect([...actual]).toEqual(Array.from(expected, (value) => expect.closeTo(value, 6)));

  test('is the softmax of the mean scores', () => {
    const windows = [
      [3, 1, -2],
      [-1, 4, 0],
    ];
    expectRow(overWindows(windows.map(softmax)), softmax([1, 2.5, -1]));
  });

  test('is the answer about the window where there is one', () => {
    expectRow(overWindows([Float32Array.of(0.25, 0.75)]), [0.25, 0.75]);
  });

  test('is made of numbers also where each window rules out what the other is sure of', () => {
    expectRow(overWindows([Float32Array.of(1, 0, 0), Float32Array.of(0, 1, 0)]), [0.5, 0.5, 0]);
  });
});
