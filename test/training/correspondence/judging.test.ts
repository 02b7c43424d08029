import { expect, test } from 'vitest';
import { calibrationError, correspondenceMetrics, type JudgedPair } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import { type Calibration, calibrateMatch, fitCalibration } from '../../../training/correspondence/calibrate.ts';
import { createMatchHead } from '../../../training/model/matchHead.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

test('the calibration of scores that were scaled and shifted undoes both', () => {
  const random = new Random(1);
  const pairs = Array.from({ length: 20_000 }, (_, i): JudgedPair => {
    const logit = 2 * random.normal();
    return { score: sigmoid(3 * logit + 1), corresponds: random.uniform() < sigmoid(logit), sources: [`${i}`, `${i}`] };
  });
  expect(correspondenceMetrics(pairs).calibrationError).toBeGreaterThan(0.1);
  const { scale, shift } = fitCalibration(pairs) as Calibration;
  expect(scale).toBeCloseTo(1 / 3, 1);
  expect(shift).toBeCloseTo(-1 / 3, 1);
  const mended = pairs.map(({ score, corresponds }) => ({
    score: sigmoid(scale * Math.log(score / (1 - score)) + shift),
    isRight: corresponds,
  }));
  expect(calibrationError(mended)).toBeLessThan(0.02);
});

test('scores that are the wrong way round are not turned round', () => {
  const scored = (score: number, corresponds: boolean) => Array.from({ length: 20 }, () => ({ score, corresponds }));
  const right = [...scored(0.6, true), ...scored(0.4, false), ...scored(0.6, false).slice(0, 5)];
  expect(fitCalibration(right)?.scale).toBeGreaterThan(0);
  expect(fitCalibration(right.map(({ score, corresponds }) => ({ score: 1 - score, corresponds })))).toBeNull();
});

test('a calibrated head gives σ(scale × logit + shift)', () => {
  const head = createMatchHead({ kind: 'hidden', audioEmbedding: 4, imageEmbedding: 4, units: 8 }, new Random(2));
  const inputs = [3, 4].map((seed) => tf.randomNormal([6, 4], 0, 1, 'float32', seed));
  const scores = () => (head.predict(inputs) as tf.Tensor2D).slice([0, 1]).dataSync<'float32'>();
  const before = scores();
  calibrateMatch(head, { scale: 0.5, shift: -0.3 });
  const expected = Array.from(before, (score) => sigmoid(0.5 * Math.log(score / (1 - score)) - 0.3));
  for (const [i, score] of scores().entries()) expect(score).toBeCloseTo(expected[i] as number, 5);
});

test('the calibration error is the mean gap between what is said and what is so', () => {
  const answers = (score: number, right: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ score, isRight: i < right }));
  expect(calibrationError(answers(0.8, 8, 10))).toBeCloseTo(0, 10);
  expect(calibrationError([...answers(0.8, 6, 10), ...answers(0.1, 2, 10)])).toBeCloseTo((0.2 + 0.1) / 2, 10);
  expect(calibrationError(answers(1, 0, 3))).toBe(1);
});
