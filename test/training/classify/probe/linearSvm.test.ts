import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fitLinearSvm } from '../../../../training/classify/probe/linearSvm.ts';
import { standardised, zScoreOf } from '../../../../training/classify/probe/zScore.ts';
import { tf } from '../../../../training/tensorflow/load.ts';

/** Made by `test/fixtures/linearSvm/make.py`. */
interface Fixture {
  rows: number[][];
  categories: number[];
  others: number[][];
  solutions: { cost: number; scores: number[][] }[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/linearSvm/sklearn.json', import.meta.url), 'utf8'),
);
const toRows = (rows: number[][]) => rows.map((row) => Float32Array.from(row));

test.each(fixture.solutions)(
  'z-score and linear SVM score as scikit-learn’s do, to 1e-3 (C = $cost)',
  ({ cost, scores }) => {
    const rows = toRows(fixture.rows);
    const zScore = zScoreOf(rows);
    const before = tf.memory().numTensors;
    const x = standardised(rows, zScore);
    const weights = fitLinearSvm(x, { categories: fixture.categories, classes: 3, cost });
    const others = standardised(toRows(fixture.others), zScore);
    const actual = tf.tidy(() => tf.matMul(others, weights).arraySync() as number[][]);
    tf.dispose([x, weights, others]);
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, row] of scores.entries()) {
      for (const [k, score] of row.entries()) expect(Math.abs((actual[i]?.[k] as number) - score)).toBeLessThan(1e-3);
    }
  },
);

test('a feature that never differs in training counts for nothing, however many rows have it', () => {
  for (const count of [3, 7, 30, 100]) {
    const rows = Array.from({ length: count }, (_, i) => Float32Array.of(0.1, i));
    const x = standardised([Float32Array.of(0.2, 0)], zScoreOf(rows));
    expect(Math.abs(x.dataSync()[0] as number), `${count} rows`).toBeLessThan(1); // of one less its mean, not over a rounding error
  }
});
