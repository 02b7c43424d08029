import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { createBranch, randomNormal } from '../../training/model/branch.ts';
import { trainBranch } from '../../training/model/trainBranch.ts';
import { tf } from '../../training/tensorflow/load.ts';

test.each([
  [1, 'max', 1],
  [2, 'max', 1],
  [2, 'mean', 0.1],
] as const)(
  'a training step computes the saved network: with this batch’s statistics, predict gives the same embedding (stem stride %i, %s pooling)',
  (stemStride, pooling, least) => {
    const random = new Random(3);
    const options = { channels: [4, 6, 8], stemStride, featureGrid: [2, 2] as [number, number], pooling };
    const branch = createBranch({ name: 'spectrogram', shape: [23, 30, 1] }, options, random);
    const input = randomNormal([64, 23, 30, 1], 3, random) as tf.Tensor4D;
    const trained = trainBranch(branch, input, { batchNormMomentum: 0, precision: 'float32' }); // the moving statistics become this batch's
    const [predicted] = branch.predict(input) as [tf.Tensor];
    // The moving variance is the unbiased one: over the last block’s values, some thousandths larger.
    expect(tf.max(tf.abs(tf.sub(trained, predicted))).dataSync()[0]).toBeLessThan(0.02);
    expect(tf.max(predicted).dataSync()[0]).toBeGreaterThan(least);
  },
);

test.each(['max', 'mean'] as const)(
  'its gradients are those of tfjs’ own layers, for every kernel, scale and offset (%s pooling)',
  (pooling) => {
    const random = new Random(5);
    const options = { channels: [5, 16, 24], stemStride: 2 as const, featureGrid: [2, 2] as [number, number], pooling };
    const branch = createBranch({ name: 'pixels', shape: [27, 30, 3] }, options, random);
    const variables = branch.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const input = randomNormal([6, 27, 30, 3], 1, random) as tf.Tensor4D;
    const weights = randomNormal([6, 24], 1, random);
    const stock = () => (branch.apply(input, { training: true }) as tf.Tensor[])[0] as tf.Tensor;
    const [own, other] = [
      () => trainBranch(branch, input, { batchNormMomentum: 0.9, precision: 'float32' }),
      stock,
    ].map((embed) => tf.variableGrads(() => tf.sum<tf.Scalar>(tf.mul(embed(), weights)), variables));
    for (const { name } of variables) {
      const [gradient, expected] = [own?.grads[name], other?.grads[name]] as [tf.Tensor, tf.Tensor];
      const scale = tf.max(tf.abs(expected));
      const difference = tf.max(tf.abs(tf.sub(gradient, expected)));
      expect(tf.div(difference, scale).dataSync()[0], name).toBeLessThan(1e-4);
    }
  },
);
