import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { drawMasks, maskSpectrograms } from '../../../training/augment/specAugment.ts';
import { drawBoxes, stretchSpectrograms } from '../../../training/augment/stretch.ts';
import { softTargets } from '../../../training/classify/fineTune/loss.ts';
import { drawMix, mixRows } from '../../../training/classify/fineTune/mixup.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const rows = 6;
const spectrograms = randomNormal([rows, 20, 30, 1], 2, new Random(1)) as tf.Tensor4D;

test.each([0.3, 1, 4])('mixup’s shares are Beta(α, α), of which each row keeps the larger part (α = %d)', (alpha) => {
  const shares = [...drawMix(20_000, alpha, new Random(7)).shares];
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.5);
  // Beta(α, α) has variance 1 / (4 (2α + 1)); folding it at its mean does not change the spread around that.
  const variance = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / shares.length;
  expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
});

test('a mixed row and its target are made of the same two, by the same shares', () => {
  const mix = drawMix(rows, 0.5, new Random(3));
  const categories = [0, 1, 2, 3, 4, 5];
  const mixed = mixRows(spectrograms, mix).arraySync() as number[][][][];
  const plain = spectrograms.arraySync() as number[][][][];
  const targets = softTargets({ categories, classes: 6, labelSmoothing: 0, mix }).arraySync() as number[][];
  for (const [row, target] of targets.entries()) {
    const sum = (total: number, share: number, other: number) =>
      total + share * (plain[other]?.[4]?.[9]?.[0] as number);
    const expected = target.reduce(sum, 0);
    expect(mixed[row]?.[4]?.[9]?.[0]).toBeCloseTo(expected, 5);
  }
});

test('a smoothed target leaves every class its share and adds up to 1', () => {
  const mix = drawMix(2, 0, new Random(0)); // nothing is mixed
  const targets = softTargets({ categories: [3, 0], classes: 4, labelSmoothing: 0.2, mix }).arraySync() as number[][];
  for (const [row, expected] of [
    [0.05, 0.05, 0.05, 0.85],
    [0.85, 0.05, 0.05, 0.05],
  ].entries()) {
    for (const [k, value] of expected.entries()) expect(targets[row]?.[k]).toBeCloseTo(value, 6);
  }
});

test('a mask blanks whole bands and whole frames with the spectrogram’s mean, and nothing else', () => {
  const options = { bandMasks: 2, bandShare: 0.3, frameMasks: 1, frameShare: 0.5 };
  const masks = drawMasks([rows, 20, 30], options, new Random(11));
  const masked = maskSpectrograms(spectrograms, masks).arraySync() as number[][][][];
  const plain = spectrograms.arraySync() as number[][][][];
  let blanked = 0;
  for (let row = 0; row < rows; row++) {
    const mean = (plain[row] as number[][][]).flat(2).reduce((sum, value) => sum + value, 0) / 600;
    for (let band = 0; band < 20; band++) {
      for (let frame = 0; frame < 30; frame++) {
        const isKept = masks.bands[row * 20 + band] === 1 && masks.frames[row * 30 + frame] === 1;
        if (!isKept) blanked++;
        expect(masked[row]?.[band]?.[frame]?.[0]).toBeCloseTo(
          isKept ? (plain[row]?.[band]?.[frame]?.[0] as number) : mean,
          4,
        );
      }
    }
  }
  expect(blanked).toBeGreaterThan(0);
  expect(blanked).toBeLessThan(rows * 600);
});

test('masks are never longer than their share, and lie anywhere', () => {
  const options = { bandMasks: 1, bandShare: 0.25, frameMasks: 1, frameShare: 0.1 };
  const { bands, frames } = drawMasks([500, 20, 30], options, new Random(5));
  const lengths = (kept: Float32Array, size: number) =>
    Array.from(
      { length: 500 },
      (_, row) => kept.subarray(row * size, (row + 1) * size).filter((one) => one === 0).length,
    );
  expect([Math.min(...lengths(bands, 20)), Math.max(...lengths(bands, 20))]).toEqual([0, 5]);
  expect([Math.min(...lengths(frames, 30)), Math.max(...lengths(frames, 30))]).toEqual([0, 3]);
  for (const [kept, size] of [
    [bands, 20],
    [frames, 30],
  ] as const) {
    for (const edge of [0, size - 1])
      expect(Array.from({ length: 500 }, (_, row) => kept[row * size + edge])).toContain(0);
  }
});

test('a stretched spectrogram is the same sound slower and higher, with silence where there is nothing of it', () => {
  const plain = tf.tidy(() =>
    tf
      .range(0, 8)
      .reshape([1, 8, 1, 1])
      .mul(tf.ones([1, 8, 5, 1])),
  ) as tf.Tensor4D; // band number
  const higher = stretchSpectrograms(plain, [[-2 / 7, 0, 5 / 7, 1]], -9).arraySync() as number[][][][];
  expect(higher[0]?.map((band) => band[2]?.[0] as number).map((value) => Math.round(1e4 * value) / 1e4)).toEqual([
    -9, -9, 0, 1, 2, 3, 4, 5,
  ]);
  const ramp = tf.tidy(() => tf.range(0, 9).reshape([1, 1, 9, 1])) as tf.Tensor4D; // frame number
  const slower = stretchSpectrograms(ramp, [[0, 0.25, 0, 0.75]], -9).arraySync() as number[][][][];
  expect(slower[0]?.[0]?.map(([value]) => value)).toEqual([2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6]);
  const faster = stretchSpectrograms(ramp, [[0, -0.5, 0, 1.5]], -9).arraySync() as number[][][][];
  expect(faster[0]?.[0]?.map(([value]) => value)).toEqual([-9, -9, 0, 2, 4, 6, 8, -9, -9]);
});

test('speeds up and down are drawn alike, and no further than the shares say', () => {
  const boxes = drawBoxes(2000, { time: 0.25, bands: 0.1 }, new Random(2));
  const speeds = boxes.map(([, left, , right]) => right - left);
  const shifts = boxes.map(([top]) => top);
  expect([Math.min(...speeds), Math.max(...speeds)].map((value) => Math.round(value * 100) / 100)).toEqual([0.8, 1.25]);
  expect([Math.min(...shifts), Math.max(...shifts)].map((value) => Math.round(value * 100) / 100)).toEqual([-0.1, 0.1]);
  expect(Math.abs(speeds.filter((speed) => speed > 1).length - 1000)).toBeLessThan(5 * Math.sqrt(500));
  for (const [top, left, bottom, right] of boxes) {
    expect(bottom - top).toBeCloseTo(1, 9);
    expect(left + right).toBeCloseTo(1, 9);
  }
});
