import { expect, test } from 'vitest';
import { dropout } from '../../../training/model/dropout.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const ones = tf.ones([40, 50]) as tf.Tensor2D;
const drawn = (options: { seed: number; number: number; side?: 0 | 1 }) =>
  [...dropout(ones, { rate: 0.25, ...options }).dataSync()].join();

test('what is left out depends on the run’s seed, the batch and the side, and on nothing else', () => {
  const first = drawn({ seed: 0, number: 3 });
  expect(drawn({ seed: 0, number: 3, side: 0 })).toBe(first);
  expect(drawn({ seed: 1, number: 3 })).not.toBe(first);
  expect(drawn({ seed: 0, number: 4 })).not.toBe(first);
  expect(drawn({ seed: 0, number: 3, side: 1 })).not.toBe(first);
});

test('a quarter is left out, and the rest is a third larger', () => {
  const values = dropout(ones, { rate: 0.25, seed: 5, number: 0 }).dataSync();
  expect(values.filter((value) => value === 0).length / values.length).toBeCloseTo(0.25, 1);
  for (const value of values) if (value !== 0) expect(value).toBeCloseTo(4 / 3, 5);
  expect(dropout(ones, { rate: 0, seed: 5, number: 0 })).toBe(ones);
});
