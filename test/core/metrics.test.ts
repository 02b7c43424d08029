import { expect, test } from 'vitest';
import { accuracy, confidenceInterval, rocAuc } from '#core/metrics.ts';

// scikit-learn 1.9.1: roc_auc_score([1,0,1,1,0,0,1,0], [.9,.8,.7,.7,.7,.3,.2,.1]) == 0.625
const labels = [1, 0, 1, 1, 0, 0, 1, 0];
const scores = [0.9, 0.8, 0.7, 0.7, 0.7, 0.3, 0.2, 0.1];
const pairs = scores.map((score, i) => ({ score, corresponds: labels[i] === 1 }));

test('ROC AUC with tied scores equals scikit-learn’s', () => {
  expect(rocAuc(pairs)).toBeCloseTo(0.625, 12);
});

test('ROC AUC is not a number where only one kind of pair is there, rather than a flattering one', () => {
  expect(rocAuc(pairs.filter(({ corresponds }) => corresponds))).toBeNaN();
});

test('accuracy counts the pairs on the right side of one half, which itself means a match', () => {
  expect(accuracy(pairs)).toBe(5 / 8);
  expect(accuracy([{ score: 0.5, corresponds: true }])).toBe(1);
});

test('the confidence interval of 90 right of 100 is Wilson’s, as statsmodels gives it', () => {
  // statsmodels: proportion_confint(90, 100, method='wilson')
  const [low, high] = confidenceInterval(0.9, 100);
  expect(low).toBeCloseTo(0.8256343384950865, 6);
  expect(high).toBeCloseTo(0.9447708629393249, 6);
});
