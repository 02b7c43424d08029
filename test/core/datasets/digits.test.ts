import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type DigitSplit, readDigits } from '#core/datasets/digits.ts';
import type { Split } from '#core/datasets/prepared.ts';

const folder = new URL('../../../datasets/digits/', import.meta.url);
const load = (split: Split) => readDigits((file) => readFile(new URL(file, folder)), split);
const [train, validation, test_] = await Promise.all([load('train'), load('validation'), load('test')]);

test('the splits hold what the README of the dataset says', () => {
  const count = (split: DigitSplit) => [split.recordings.length, split.images.length, split.pairs.length];
  expect([train, validation, test_].map(count)).toEqual([
    [2100, 12_000, 0],
    [300, 1200, 1200],
    [300, 3000, 3000],
  ]);
});

test('no recording and no image of the test or validation part is in training, by content', () => {
  const digest = (data: ArrayBufferView) =>
    createHash('sha256')
      .update(data as Uint8Array)
      .digest('hex');
  const seen = new Set([
    ...train.recordings.map(({ waveform }) => digest(waveform)),
    ...train.images.map(({ ink }) => digest(ink)),
  ]);
  for (const { recordings, images } of [validation, test_]) {
    expect(recordings.filter(({ waveform }) => seen.has(digest(waveform)))).toEqual([]);
    expect(images.filter(({ ink }) => seen.has(digest(ink)))).toEqual([]);
  }
});

test('a fixed pair is marked as matching exactly when both show the same digit, and half of them match', () => {
  for (const { recordings, images, pairs } of [validation, test_]) {
    for (const { recording, image, corresponds } of pairs) {
      expect(recordings[recording]?.digit === images[image]?.digit).toBe(corresponds);
    }
    expect(pairs.filter(({ corresponds }) => corresponds)).toHaveLength(pairs.length / 2);
  }
});

test('every recording holds a voice, is no longer than one, and has its own name', () => {
  const recordings = [train, validation, test_].flatMap((split) => split.recordings);
  for (const { name, digit, speaker, waveform } of recordings) {
    const peak = waveform.reduce((highest, x) => Math.max(highest, Math.abs(x)), 0);
    expect(name).toMatch(new RegExp(`^${digit}_${speaker}_\\d+$`));
    expect(peak).toBeGreaterThan(0.005);
    expect(waveform.length / 8000).toBeLessThan(2.5); // seconds
  }
  expect(new Set(recordings.map(({ name }) => name)).size).toBe(recordings.length);
});
