import { expect, test } from 'vitest';
import { createTensorCount } from '../../../training/run/tensorCount.ts';
import { tf } from '../../../training/tensorflow/load.ts';

test('a tensor that is not freed is told once, with how many and how much; freed ones are not', () => {
  const said: string[] = [];
  const count = createTensorCount((line) => said.push(line));
  const step = (number: number, leaks: number) => {
    tf.dispose(tf.tidy(() => tf.zeros([100]).square()));
    for (let i = 0; i < leaks; i++) tf.zeros([256, 1024]);
    count.check(number, tf.memory());
  };
  const kept = tf.memory().numTensors;
  for (const number of [20, 40, 60]) step(number, 0);
  expect(said).toEqual([]);
  for (const number of [80, 100]) step(number, 2);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`from step 20 to step 80 the tensors held grew from ${kept} to ${kept + 2}, by 2.1 MB`);
});
