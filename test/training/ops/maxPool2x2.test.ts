import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { maxPool2x2 } from '../../../training/ops/maxPool2x2.ts';
import { tf } from '../../../training/tensorflow/load.ts';

test.each([
  [6, 8],
  [7, 8],
  [6, 5],
  [7, 5],
])('max-pool of %i × %i has the value and the gradient of tfjs’ own', (height, width) => {
  const random = new Random(height * 100 + width);
  const x = randomNormal([2, height, width, 3], 1, random) as tf.Tensor4D;
  const weights = randomNormal([2, Math.floor(height / 2), Math.floor(width / 2), 3], 1, random);
  const weigh = (pool: (input: tf.Tensor4D) => tf.Tensor) => (input: tf.Tensor) =>
    tf.sum<tf.Scalar>(tf.mul(pool(input as tf.Tensor4D), weights));
  const ours = tf.valueAndGrad(weigh(maxPool2x2))(x);
  const stock = tf.valueAndGrad(weigh((input) => tf.maxPool(input, 2, 2, 'valid')))(x);
  expect(ours.grad.shape).toEqual(stock.grad.shape);
  expect(ours.value.dataSync()[0]).toBeCloseTo(stock.value.dataSync()[0] as number, 4);
  expect(tf.max(tf.abs(tf.sub(ours.grad, stock.grad))).dataSync()[0]).toBe(0);
});
