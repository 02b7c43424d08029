import { expect, test } from 'vitest';
import { tf } from '../../../training/tensorflow/load.ts';

test('TensorFlow computes: a convolution by hand, 1×1 input channels, stride 1, valid', async () => {
  // [[1 2 3] [4 5 6] [7 8 9]] with [[1 0] [0 -1]]: each output is the corner minus its lower right neighbour, 1 - 5 = -4.
  const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  const kernel = tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1]);
  expect(tf.getBackend()).toBe('tensorflow');
  expect(Array.from(await tf.conv2d(image, kernel, 1, 'valid').data())).toEqual([-4, -4, -4, -4]);
});

test('what tfjs asks of Node is there in every Node version', async () => {
  const strings = tf.tensor1d(['clapper', 'board'], 'string'); // tfjs calls util.isNullOrUndefined for these
  expect(await strings.data()).toEqual(['clapper', 'board']);
  const { values, indices } = tf.topk(tf.tensor1d([3, 9, 4]), 2); // … and for topk
  expect([Array.from(await values.data()), Array.from(await indices.data())]).toEqual([
    [9, 4],
    [1, 2],
  ]);
});
