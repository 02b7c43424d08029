import { describe, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { batchNormRelu } from '../../../training/ops/batchNormRelu.ts';
import {
  type BatchNormParameters,
  batchNormReluByTensorFlow,
} from '../../../training/ops/batchNormReluByTensorFlow.ts';
import { hasClapperOperator } from '../../../training/ops/nativeOp.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const epsilon = 1e-3;

/** Numbers of channels that fill the processor's vectors, and that do not. */
const shapes: [number, number, number, number][] = [
  [4, 6, 4, 3],
  [3, 7, 5, 16],
  [2, 5, 8, 21],
  [5, 2, 3, 40],
];

describe.each([
  ['as it runs here', batchNormRelu],
  ['in TensorFlow’s operators', batchNormReluByTensorFlow],
])('batch normalisation + ReLU + max-pool %s', (_, run) => {
  test.each(shapes.flatMap((shape) => [true, false].map((pool) => ({ shape, pool }))))(
    'has the value and all three gradients of the one written out in plain tfjs ($shape, pooled: $pool)',
    ({ shape, pool }) => {
      const { x, parameters } = example(shape);
      const weights = randomNormal(plain({ pool })(x, parameters.gamma, parameters.beta).shape, 1, new Random(2));
      const weigh = (y: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(y, weights));
      const stock = tf.valueAndGrads((...args) => weigh(plain({ pool })(...(args as Plain))))([
        x,
        parameters.gamma,
        parameters.beta,
      ]);
      const ours = (input: tf.Tensor) => weigh(run(input as tf.Tensor4D, parameters, { momentum: 0.9, pool }));
      const own = tf.variableGrads(() => ours(x), [parameters.gamma, parameters.beta]);
      expectClose(run(x, parameters, { momentum: 0.9, pool }), plain({ pool })(x, parameters.gamma, parameters.beta));
      expectClose(tf.grad(ours)(x), stock.grads[0]);
      expectClose(own.grads[parameters.gamma.name], stock.grads[1]);
      expectClose(own.grads[parameters.beta.name], stock.grads[2]);
    },
  );

  test('moving mean and variance go a tenth of the way to the batch’s at momentum 0.9', () => {
    const { x, parameters } = example([4, 6, 5, 3]);
    run(x, parameters, { momentum: 0.9, pool: false });
    const count = 4 * 6 * 5;
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    expectClose(parameters.movingMean, tf.mul(mean, 0.1));
    expectClose(parameters.movingVariance, tf.add(0.9, tf.mul(variance, (0.1 * count) / (count - 1))));
  });

  test('the deviation stays exact where the mean is a thousand times as large', () => {
    const { x, parameters } = example([4, 16, 16, 16]);
    const [near, far] = [x, tf.add<tf.Tensor4D>(x, 1000)].map((input) =>
      run(input, parameters, { momentum: 0.9, pool: false }),
    );
    expect(largestDifference(near, far)).toBeLessThan(2e-3); // x + 1000 itself is rounded to 6e-5
  });

  test('a value that is not a number is not hidden', () => {
    const { x, parameters } = example([4, 6, 4, 16]);
    const broken = tf.mul<tf.Tensor4D>(x, Number.NaN);
    expect(tf.any(tf.isNaN(run(broken, parameters, { momentum: 0.9, pool: false }))).dataSync()[0]).toBe(1);
  });
});

const { isUsingGpuDevice } = tf.backend() as tf.KernelBackend & { isUsingGpuDevice: boolean };
test.skipIf(isUsingGpuDevice)('the operators that setup built are found', () => {
  for (const name of ['BatchNormRelu', 'BatchNormReluGrad', 'Adam', 'ScaleBytes']) {
    expect(hasClapperOperator(`Clapper${name}`), name).toBe(true);
  }
});

type Plain = [x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor];

function plain({ pool }: { pool: boolean }) {
  return (...[x, gamma, beta]: Plain) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, epsilon)));
    const y = tf.relu(tf.add<tf.Tensor4D>(tf.mul(normalised, gamma), beta));
    return pool ? tf.maxPool(y, 2, 2, 'valid') : y;
  };
}

function example(shape: [number, number, number, number]): { x: tf.Tensor4D; parameters: BatchNormParameters } {
  const random = new Random(shape[3]);
  const channels = shape[3];
  return {
    x: tf.add(randomNormal(shape, 2, random), 0.5),
    parameters: {
      gamma: tf.variable(randomNormal([channels], 1, random)),
      beta: tf.variable(randomNormal([channels], 0.3, random)),
      movingMean: tf.variable(tf.zeros([channels])),
      movingVariance: tf.variable(tf.ones([channels])),
      epsilon,
    },
  };
}

function largestDifference(a: tf.Tensor | undefined, b: tf.Tensor | undefined): number {
  return tf.max(tf.abs(tf.sub(a as tf.Tensor, b as tf.Tensor))).dataSync<'float32'>()[0] as number;
}

function expectClose(actual: tf.Tensor | undefined, expected: tf.Tensor | undefined) {
  expect(actual?.shape).toEqual(expected?.shape);
  expect(largestDifference(actual, expected)).toBeLessThan(5e-5);
}
