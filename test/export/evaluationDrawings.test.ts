import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { calibrationError } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import { judgeAgainst } from '../../export/evaluate/against.ts';
import { drawEvaluation } from '../../export/evaluate/drawings.ts';
import type { Judged } from '../../export/evaluate/judged.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-drawings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = new Random(3);
const pairs = Array.from({ length: 4000 }, (_, i) => {
  const score = random.uniform();
  return { score, corresponds: random.uniform() < score ** 2, sources: [`s${i}`, `p${i}`] as const };
});
const labels = ['dog', 'rain & wind', 'bell'];
const taken = [
  [7, 2, 1],
  [0, 5, 5],
  [0, 0, 0],
];
const classified = {
  labels,
  ...taken
    .flatMap((row, truth) => row.flatMap((count, chosen) => Array.from({ length: count }, () => ({ truth, chosen }))))
    .reduce<Pick<Judged['classified'][string], 'probabilities' | 'items'>>(
      ({ probabilities, items }, { truth, chosen }) => ({
        probabilities: [...probabilities, Float32Array.from(labels, (_, k) => (k === chosen ? 0.8 : 0.1))],
        items: [...items, { category: truth, source: `${items.length}` }],
      }),
      { probabilities: [], items: [] },
    ),
};
const judged: Judged = {
  test: {
    split: 'test',
    fold: null,
    pairs: { sounds: [], pictures: [], list: [] },
    sounds: { labels, items: [] },
    pictures: { labels, items: [] },
  },
  pairs,
  retrieval: {
    picture: { top1: 0.6, byCategory: labels.map((category, i) => ({ category, top1: 0.4 + 0.2 * i })) },
    sound: { top1: 0.5, byCategory: [{ category: 'dog', top1: 0.5 }] },
  },
  classified: { thing: classified },
  against: {
    category: 'wind',
    better: 1,
    of: 1,
    categories: [{ category: 'dog', own: 0.9, other: 0.2, share: 1 }],
  },
};

test('an evaluation is drawn in pictures that render and say their numbers', async () => {
  const files = await drawEvaluation(judged, folder);
  const names = files.map((file) => file.slice(folder.length + 1, -'.svg'.length));
  expect(names.sort()).toEqual([
    'against-wind',
    'confusions-thing',
    'reliability-match',
    'reliability-thing',
    'retrieval',
  ]);
  for (const file of files) expect((await sharp(file).png().toBuffer()).length).toBeGreaterThan(2000);
  const textOf = (name: string) => readFileSync(join(folder, `${name}.svg`), 'utf8');
  expect(textOf('confusions-thing')).toContain('<title>5 of 10 rain &amp; wind: bell</title>');
  expect(textOf('confusions-thing')).toContain('12 of 20 right');
  const error = calibrationError(pairs.map(({ score, corresponds }) => ({ score, isRight: corresponds })));
  expect(textOf('reliability-match')).toContain(`expected calibration error ${error.toFixed(3)}`);
  expect(textOf('against-wind')).toContain('dog, wind, mean score: 0.200');
});

test('what is surer than right lies below the diagonal', () => {
  const svg = readFileSync(join(folder, 'reliability-match.svg'), 'utf8');
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  );
  const [, left, bottom, right, top] = (/M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)/.exec(svg) ?? []).map(Number);
  const shares = dots.map(([x, y]) => ({
    score: (x - (left as number)) / ((right as number) - (left as number)),
    share: ((bottom as number) - y) / ((bottom as number) - (top as number)),
  }));
  expect(shares).toHaveLength(15);
  for (const { score, share } of shares) expect(Math.abs(share - score ** 2)).toBeLessThan(0.12);
});

test('photos are compared with sounds of their own and of one other category', async () => {
  const item = (category: string) => ({ categories: [category], source: category, read: async () => [] });
  const sounds = ['dog', 'cat', 'rain', 'rain', 'dog'].map(item);
  const pictures = ['cat', 'dog', 'rain', 'bell'].map(item);
  const score = async (list: { sound: number; picture: number }[]) =>
    Float32Array.from(list, ({ sound, picture }) => {
      const [heard, seen] = [sounds[sound]?.source, pictures[picture]?.source];
      if (seen === 'dog') return heard === 'dog' ? 0.75 : 0.25;
      return heard === 'rain' ? 0.5 + sound / 10 : 0.25; // a cat goes better with rain
    });
  expect(await judgeAgainst({ sounds, pictures, list: [] }, { category: 'rain', score })).toEqual({
    category: 'rain',
    better: 1,
    of: 2,
    categories: [
      { category: 'cat', own: 0.25, other: expect.closeTo(0.75, 5), share: 0 },
      { category: 'dog', own: 0.75, other: 0.25, share: 1 },
    ],
  });
  const none = sounds.map((sound) => ({ ...sound, categories: [] }));
  expect(await judgeAgainst({ sounds: none, pictures, list: [] }, { category: 'rain', score })).toBeNull();
  await expect(judgeAgainst({ sounds, pictures, list: [] }, { category: 'wind', score })).rejects.toThrow(
    'There are no sounds of wind to compare with. There are: dog, cat, rain.',
  );
});
