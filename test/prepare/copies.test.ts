import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeWav } from '#core/media/encodeWav.ts';
import { resample } from '#core/media/resample.ts';
import { Random } from '#core/random.ts';
import { digestsOf, readPrepared } from './support/dataset.ts';
import { put } from './support/media.ts';
import { prepare } from './support/prepare.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-copies-'));
const photos = join(folder, 'photos');
afterAll(() => rmSync(folder, { recursive: true }));

const count = 24;

/** Clouds of colour, different for each seed. */
function scene(seed: number) {
  const random = new Random(seed, 5);
  const grain = Uint8Array.from({ length: 12 * 9 * 3 }, () => random.integer(256));
  return sharp(grain, { raw: { width: 12, height: 9, channels: 3 } }).resize(360, 270, { kernel: 'cubic' });
}

/** Beats of noise, different for each seed: `[3 s · rate]`. */
function beats(seed: number, sampleRate: number): Float32Array {
  const random = new Random(seed, 6);
  const gains = Array.from({ length: 12 }, () => random.uniform() ** 3);
  let low = 0;
  const noise = Float32Array.from({ length: 3 * sampleRate }, (_, n) => {
    low += (0.2 + 0.05 * (seed % 7)) * (random.uniform() - 0.5 - low);
    return 0.9 * low * (gains[Math.floor((4 * n) / sampleRate)] as number);
  });
  return noise;
}

beforeAll(async () => {
  for (let i = 0; i < count; i++)
    put(join(photos, i % 2 ? 'cat' : 'dog', `${i}.jpg`), await scene(i).jpeg({ quality: 92 }).toBuffer());
});

/** The splits that each photo's number stands in. */
function splitsOf(out: string): Map<string, Set<string>> {
  const splits = new Map<string, Set<string>>();
  for (const { clip } of readPrepared(out).index) {
    const number = /(\d+)\.\w+$/.exec(clip.source)?.[1] as string;
    splits.set(number, (splits.get(number) ?? new Set()).add(clip.split));
  }
  return splits;
}

test('copies of the same bytes, under any name, come into one split', async () => {
  const [set, out] = [join(folder, 'same'), join(folder, 'same-out')];
  for (let i = 0; i < count; i++) {
    const from = join(photos, i % 2 ? 'cat' : 'dog', `${i}.jpg`);
    for (const to of [`${i}.jpg`, `again-${i}.jpg`, `once-more-${i}.jpg`]) {
      put(join(set, 'bird', to), '');
      copyFileSync(from, join(set, 'bird', to));
    }
    put(
      join(set, 'fish', `${100 + i}.jpg`),
      await scene(100 + i)
        .jpeg()
        .toBuffer(),
    );
  }
  const { notes } = await prepare({ kind: 'imagenet-val', from: [set], out, settings: { heldOut: 0.25 } });
  expect(readPrepared(out).index).toHaveLength(4 * count);
  expect(new Set(Array.from(splitsOf(out).values(), ({ size }) => size))).toEqual(new Set([1]));
  expect(notes.join()).toContain(`${3 * count} items are copies of ${count} of them`);
});

test('copies that were encoded again stand in one split, other pictures are kept, and the bytes depend on no parts', async () => {
  const [set, out] = [join(folder, 'again'), join(folder, 'again-out')];
  const encodings: [string, (i: number) => Sharp | Promise<Sharp>][] = [
    ['jpg', (i) => scene(i).jpeg({ quality: 40 })],
    ['png', (i) => scene(i).png()],
    ['webp', (i) => scene(i).webp({ quality: 60 })],
    [
      'jpeg',
      async (i) =>
        sharp(await scene(i).png().toBuffer())
          .resize(200)
          .jpeg({ quality: 85 }),
    ],
  ];
  for (let i = 0; i < count; i++) {
    const kind = i % 2 ? 'cat' : 'dog';
    put(join(set, kind, `${i}.jpg`), await scene(i).jpeg({ quality: 92 }).toBuffer());
    const [ending, encode] = encodings[i % 4] as (typeof encodings)[number];
    put(join(set, kind, `copy-${i}.${ending}`), await (await encode(i)).toBuffer());
  }
  const settings = { heldOut: 0.25, itemsPerShard: 8 };
  await prepare({ kind: 'imagenet-val', from: [set], out, settings });
  const splits = splitsOf(out);
  expect(splits.size).toBe(count);
  expect(new Set(Array.from(splits.values(), ({ size }) => size))).toEqual(new Set([1]));
  const { skipped, index } = readPrepared(out);
  expect(skipped.length).toBeGreaterThan(3);
  expect(skipped.length + index.length).toBe(2 * count);
  for (const { file, reason } of skipped) {
    const [, other] = /copy, encoded again, of what is in the (?:test|validation) split: (.*)\.$/.exec(reason) ?? [];
    expect(/(\d+)\.\w+$/.exec(file)?.[1]).toBe(/(\d+)\.\w+$/.exec(other as string)?.[1]);
  }
  const parts = join(folder, 'again-parts');
  for (const number of [3, 1, 2]) {
    await prepare({ kind: 'imagenet-val', from: [set], out: parts, settings, part: { number, of: 3 }, workers: 1 });
  }
  expect(digestsOf(parts)).toEqual(digestsOf(out));
});

test('sounds that were encoded again are found: at another rate, softer, a little later', async () => {
  const [sounds, out] = [join(folder, 'sounds'), join(folder, 'sounds-out')];
  for (let i = 0; i < count; i++) {
    const kind = i % 2 ? 'cat' : 'dog';
    const waveform = beats(i, 16_000);
    put(join(sounds, kind, `${i}.wav`), encodeWav(waveform, 16_000));
    const later = new Float32Array(waveform.length + 400); // 25 ms
    later.set(
      waveform.map((x) => 0.5 * x),
      400,
    );
    put(join(sounds, kind, `copy-${i}.wav`), encodeWav(resample(later, 16_000, 22_050), 22_050));
  }
  await prepare({ kind: 'by-class', from: [sounds, photos], out, settings: { heldOut: 0.25 } });
  const { index, skipped } = readPrepared(out);
  const splits = new Map<string, Set<string>>();
  for (const { clip } of index.filter(({ clip }) => clip.sound)) {
    const number = /(\d+)\.wav$/.exec(clip.source)?.[1] as string;
    splits.set(number, (splits.get(number) ?? new Set()).add(clip.split));
  }
  expect(splits.size).toBe(count);
  expect(new Set(Array.from(splits.values(), ({ size }) => size))).toEqual(new Set([1]));
  expect(skipped.length).toBeGreaterThan(3);
  expect(index.length + skipped.length).toBe(3 * count);
});

test('what a collection has in two splits of its own stays in one of them; too much of it is kept, and said', async () => {
  const [set, out] = [join(folder, 'own'), join(folder, 'own-out')];
  const bytes = await Promise.all(Array.from({ length: 8 }, (_, i) => scene(i).jpeg().toBuffer()));
  for (const [i, jpeg] of bytes.entries()) {
    put(join(set, 'train', i % 2 ? 'cat' : 'dog', `${i}.jpg`), jpeg);
    if (i > 5) put(join(set, 'test', i % 2 ? 'cat' : 'dog', `again-${i}.jpg`), jpeg);
  }
  await prepare({ kind: 'imagenet-val', from: [set], out });
  const { index, skipped } = readPrepared(out);
  expect(index).toHaveLength(8);
  expect(skipped.map(({ file }) => file)).toEqual(['train/cat/7.jpg', 'train/dog/6.jpg']);
  expect(skipped[1]?.reason).toBe('It is a copy of what is in the test split: test/dog/again-6.jpg.');

  for (const [i, jpeg] of bytes.entries()) put(join(set, 'test', i % 2 ? 'cat' : 'dog', `again-${i}.jpg`), jpeg);
  const { notes } = await prepare({ kind: 'imagenet-val', from: [set], out: join(folder, 'own-all') });
  expect(readPrepared(join(folder, 'own-all')).index).toHaveLength(16);
  expect(notes.join()).toContain('8 of 8 items of the train split are copies of others in other splits');
});

test('copies of another class, and in another fold, are said', async () => {
  const [set, out] = [join(folder, 'folds'), join(folder, 'folds-out')];
  const jpeg = await scene(1).jpeg().toBuffer();
  for (const name of ['fold1/cat/a.jpg', 'fold2/dog/b.jpg']) put(join(set, name), jpeg);
  put(join(set, 'fold3/dog/c.jpg'), await scene(2).jpeg().toBuffer());
  const { notes } = await prepare({ kind: 'imagenet-val', from: [set], out });
  expect(readPrepared(out).index).toHaveLength(3);
  expect(notes.join()).toMatch(
    /copies of another class, such as fold1\/cat\/a.jpg \(cat\) and fold2\/dog\/b.jpg \(dog\)/,
  );
  expect(notes.join()).toMatch(/copies in another fold/);
});

test('a copy without a fold comes into the fold of what it is a copy of, and into its split', async () => {
  const [set, out] = [join(folder, 'unfolded'), join(folder, 'unfolded-out')];
  const rows = ['file,class,fold'];
  for (let i = 0; i < 10; i++) {
    const jpeg = await scene(i).jpeg().toBuffer();
    put(join(set, `${i}.jpg`), jpeg);
    put(join(set, `again-${i}.jpg`), jpeg);
    rows.push(`${i}.jpg,${i % 2 ? 'cat' : 'dog'},${1 + (i % 5)}`, `again-${i}.jpg,${i % 2 ? 'cat' : 'dog'},`);
  }
  put(join(set, 'labels.csv'), rows.join('\n'));
  const { notes } = await prepare({ kind: 'imagenet-val', from: [set], out });
  const { index } = readPrepared(out);
  const places = new Map(index.map(({ clip }) => [clip.source, `${clip.fold} ${clip.split}`]));
  expect(index).toHaveLength(20);
  for (let i = 0; i < 10; i++) expect(places.get(`again-${i}.jpg`)).toBe(places.get(`${i}.jpg`));
  expect(notes.join()).toContain('10 files without a fold are in that of their copy');
});

test('pairs are copies where both their files are: many songs may share a cover', async () => {
  const [set, out] = [join(folder, 'pairs'), join(folder, 'pairs-out')];
  const cover = await scene(1).jpeg().toBuffer();
  for (let i = 0; i < count; i++) {
    put(join(set, `${i}.jpg`), cover);
    put(join(set, `${i}.wav`), encodeWav(beats(i, 8000), 8000));
  }
  await prepare({ kind: 'flickr-soundnet', from: [set], out, settings: { heldOut: 0.25 } });
  const { index } = readPrepared(out);
  expect(index).toHaveLength(count);
  expect(new Set(index.map(({ clip }) => clip.split)).size).toBe(3);
});
