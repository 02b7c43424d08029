import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { batchNormRelu } from '../../../training/ops/batchNormRelu.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const random = new Random(1);
const epsilon = 1e-3;
const x = randomNormal([4, 6, 5, 3], 2, random) as tf.Tensor4D;
const weights = randomNormal([4, 6, 5, 3], 1, random);

function parameters() {
  return {
    gamma: tf.variable(tf.tensor1d([0.5, 1.5, -1])),
    beta: tf.variable(tf.tensor1d([0.1, -0.2, 0.3])),
    movingMean: tf.variable(tf.zeros([3])),
    movingVariance: tf.variable(tf.ones([3])),
    epsilon,
  };
}

test('fused batch normalisation + ReLU has the value and all three gradients of the one written out in plain tfjs', () => {
  const ours = parameters();
  const fused = (input: tf.Tensor) =>
    tf.sum<tf.Scalar>(tf.mul(batchNormRelu(input as tf.Tensor4D, ours, 0.9), weights));
  const plain = (input: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
    const { mean, variance } = tf.moments(input, [0, 1, 2]);
    const normalised = tf.div(tf.sub(input, mean), tf.sqrt(tf.add(variance, epsilon)));
    return tf.sum<tf.Scalar>(tf.mul(tf.relu(tf.add(tf.mul(normalised, gamma), beta)), weights));
  };
  const own = tf.variableGrads(() => fused(x), [ours.gamma, ours.beta]);
  const stock = tf.valueAndGrads(plain)([x, ours.gamma, ours.beta]);
  expectClose(own.value, stock.value);
  expectClose(tf.grad(fused)(x), stock.grads[0]);
  expectClose(own.grads[ours.gamma.name], stock.grads[1]);
  expectClose(own.grads[ours.beta.name], stock.grads[2]);
});

test('moving mean and variance go a tenth of the way to the batch’s at momentum 0.9', () => {
  const ours = parameters();
  batchNormRelu(x, ours, 0.9);
  const count = 4 * 6 * 5;
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  expectClose(ours.movingMean, tf.mul(mean, 0.1));
  expectClose(ours.movingVariance, tf.add(0.9, tf.mul(variance, (0.1 * count) / (count - 1))));
});

function expectClose(actual: tf.Tensor | undefined, expected: tf.Tensor | undefined) {
  const difference = tf.max(tf.abs(tf.sub(actual as tf.Tensor, expected as tf.Tensor))).dataSync()[0];
  expect(difference).toBeLessThan(2e-5);
}
