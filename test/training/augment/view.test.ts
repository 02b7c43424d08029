import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { drawLimits, limitBands } from '../../../training/augment/bandLimit.ts';
import { drawViews, viewPictures } from '../../../training/augment/view.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const plain = { zoom: 0, aspect: 0, blur: 0, cutOut: 0 };
const pictures = randomNormal([5, 16, 16, 3], 1, new Random(1)) as tf.Tensor4D;
const most = (x: tf.Tensor) => tf.max(tf.abs(x)).dataSync()[0] as number;

test('a view that leaves nothing out is the picture itself', () => {
  const seen = viewPictures(pictures, drawViews(5, plain, new Random(2)));
  expect(most(tf.sub(seen, pictures))).toBeLessThan(1e-5);
});

test('the parts that are shown lie in the picture, and are at least what zoom leaves', () => {
  const { parts } = drawViews(2000, { ...plain, zoom: 0.4, aspect: 0.2 }, new Random(3));
  for (const [top, left, bottom, right] of parts) {
    expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
    expect(Math.max(bottom, right)).toBeLessThanOrEqual(1 + 1e-12);
    expect((bottom - top) * (right - left)).toBeGreaterThan(0.6 ** 2 / 1.2 - 1e-9);
  }
});

test('blur leaves a picture’s mean and takes its detail, of as many as asked', () => {
  const views = drawViews(400, { ...plain, blur: 0.25 }, new Random(4));
  expect(views.blurs.filter((blur) => blur > 0).length / 400).toBeCloseTo(0.25, 1);
  const sharp = { ...drawViews(5, plain, new Random(5)), detail: 0.4 };
  const blurred = viewPictures(pictures, { ...sharp, blurs: new Float32Array(5).fill(1) });
  const deviation = (x: tf.Tensor) => tf.moments(x).variance.dataSync()[0] as number;
  expect(deviation(blurred)).toBeLessThan(0.6 * deviation(pictures));
});

test('a hole is blank and no longer than asked; the rest stays', () => {
  const views = drawViews(5, { ...plain, cutOut: 0.5 }, new Random(6));
  const blank = tf.equal(viewPictures(pictures, views), 0).arraySync() as number[][][][];
  for (const [row, [top, left, bottom, right]] of views.holes.entries()) {
    expect(Math.max(bottom - top, right - left)).toBeLessThanOrEqual(0.5);
    const count = (blank[row] ?? []).flat(2).reduce((sum, value) => sum + value, 0);
    const [height, width] = [
      Math.round(bottom * 16) - Math.round(top * 16),
      Math.round(right * 16) - Math.round(left * 16),
    ];
    expect(count).toBe(3 * height * width);
  }
});

test('of as many sounds as asked the upper bands are silent, never the lower half', () => {
  const limits = drawLimits(1000, 20, 0.3, new Random(7));
  expect(limits.filter((limit) => limit < 20).length / 1000).toBeCloseTo(0.3, 1);
  expect(Math.min(...limits)).toBeGreaterThanOrEqual(10);
  const spectrograms = randomNormal([2, 20, 4, 1], 1, new Random(8)) as tf.Tensor4D;
  const limited = limitBands(spectrograms, Int32Array.of(20, 13), -11);
  expect(most(tf.sub(limited, spectrograms).slice([0], [1]))).toBeLessThan(1e-5);
  expect(most(tf.add(limited.slice([1, 13], [1, 7]), 11))).toBe(0);
});
