import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { adamStep } from '../../../training/ops/adamStep.ts';
import { type AdamVectors, adamStepByTensorFlow } from '../../../training/ops/adamStepByTensorFlow.ts';
import { tf } from '../../../training/tensorflow/load.ts';

test.each([
  { l2: 0, kept: 1 },
  { l2: 1e-2, kept: 1 },
  { l2: 0, kept: 0.99 },
])('one operator and TensorFlow’s own make the same steps, of variables of any size (%o)', (decay) => {
  const random = new Random(4);
  const shapes = [[3, 3, 2, 5], [7], [200, 130], [1]];
  const normal = (deviation: number) => shapes.map((shape) => randomNormal(shape, deviation, random));
  const total = shapes.flatMap((shape) => shape.reduce((a, b) => a * b)).reduce((a, b) => a + b);
  const start: AdamVectors = { values: normal(1), first: tf.zeros([total]), second: tf.zeros([total]) };
  let [own, other] = [start, start];
  for (let step = 1; step <= 5; step++) {
    const gradients = normal(10 ** -step);
    const settings = { step, learningRate: 0.01, parts: 2, ...decay };
    own = adamStep(own, gradients, settings);
    other = adamStepByTensorFlow(other, gradients, settings);
  }
  const all = ({ values, first, second }: AdamVectors) => [...values, first, second];
  for (const [i, tensor] of all(own).entries()) {
    const expected = all(other)[i] as tf.Tensor;
    expect(tensor.shape).toEqual(expected.shape);
    expect(tf.max(tf.abs(tf.sub(tensor, expected))).dataSync()[0]).toBeLessThan(5e-6); // of values up to 4;
  }
});
