import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kinds } from '../../prepare/kinds/index.ts';
import type { KindName } from '../../prepare/kinds/names.ts';
import { readPrepared } from './support/dataset.ts';
import { picture, put, tone } from './support/media.ts';
import { prepare } from './support/prepare.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-labelled-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns the category of each item by its id. */
async function list(kind: KindName, from: string[], categoriesFile: string | null = null) {
  const { items, ...rest } = await kinds[kind].list(from, { categoriesFile });
  return { ...rest, items, labels: Object.fromEntries(items.map(({ id, categories }) => [id, categories.join('+')])) };
}

test('ESC-50 is the same from its own folders and from tars of another format', async () => {
  const table = 'filename,fold,target,category\n1-1-A-0.wav,1,0,dog\n2-2-A-1.wav,2,1,cow\n3-3-A-1.wav,3,1,"cow"\n';
  const official = join(folder, 'official');
  const packed = join(folder, 'packed');
  put(join(official, 'meta/esc50.csv'), table);
  put(join(packed, 'meta/esc50.csv'), table);
  for (const name of ['1-1-A-0', '2-2-A-1', '3-3-A-1']) {
    put(join(official, `audio/${name}.wav`), tone());
    put(join(packed, `audio/${name}.ogg`), tone()); // what it is its bytes say
  }
  execFileSync('tar', ['cf', 'audio.tar', 'audio'], { cwd: packed });
  rmSync(join(packed, 'audio'), { recursive: true });
  const [a, b] = [await list('esc50', [official]), await list('esc50', [packed])];
  expect(a.labels).toEqual({ 'audio/1-1-A-0': 'dog', 'audio/2-2-A-1': 'cow', 'audio/3-3-A-1': 'cow' });
  expect(b.labels).toEqual(a.labels);
  expect(a.categories).toEqual(['dog', 'cow']);
  expect(a.items.map(({ split }) => split)).toEqual(['train', 'validation', 'test']);
});

test('a file that the table names and that is not there is named', async () => {
  const set = join(folder, 'gaps');
  put(join(set, 'meta/esc50.csv'), 'filename,fold,target,category\na.wav,1,0,dog\nb.wav,2,0,dog\n');
  put(join(set, 'audio/a.wav'), tone());
  expect((await list('esc50', [set])).skipped).toEqual([
    { file: 'b.wav', reason: 'It stands in meta/esc50.csv but is not there.', broken: true },
  ]);
});

test.each([
  ['the list of the development kit', 'ILSVRC2012_validation_ground_truth.txt', '490\n361\n'],
  ['names with labels', 'val.txt', 'ILSVRC2012_val_00000002.JPEG 361\nILSVRC2012_val_00000001.JPEG 490\n'],
  [
    "Kaggle's solution",
    'LOC_val_solution.csv',
    'ImageId,PredictionString\nILSVRC2012_val_00000001,490 1 2 3 4\nILSVRC2012_val_00000002,361 1 2 3 4\n',
  ],
])('the photos of ImageNet are labelled by %s', async (_, truthName, truth) => {
  const set = join(folder, truthName);
  put(join(set, truthName), truth);
  for (const number of [1, 2]) put(join(set, `val/ILSVRC2012_val_0000000${number}.JPEG`), '');
  const { labels, categories } = await list('imagenet-val', [set]);
  expect(labels).toEqual({ 'val/ILSVRC2012_val_00000001.JPEG': '490', 'val/ILSVRC2012_val_00000002.JPEG': '361' });
  expect(categories).toEqual(['361', '490']);
});

test('a list of classes alone is refused for photos that it does not number: which is the first cannot be told', async () => {
  const set = join(folder, 'numbered');
  for (let i = 0; i < 4; i++) put(join(set, `photos/img_0000000${i}.jpg`), ''); // from 0, as the list is from 1
  put(join(set, 'truth.txt'), '11\n12\n13\n14\n');
  await expect(list('imagenet-val', [join(set, 'photos'), join(set, 'truth.txt')])).rejects.toThrow(
    /Expected lines of a photo's name and its class in .*truth\.txt but it is a list of classes alone/,
  );
});

test('photos in one folder a class are labelled by it, in the split that a folder above is named after', async () => {
  const set = join(folder, 'classes');
  for (const name of ['train/n02/a.JPEG', 'train/n01/b.jpg', 'val/n01/ILSVRC2012_val_00000001.JPEG'])
    put(join(set, name), '');
  const { labels, items } = await list('imagenet-val', [set]);
  expect(labels).toEqual({
    'train/n01/b.jpg': 'n01',
    'train/n02/a.JPEG': 'n02',
    'val/n01/ILSVRC2012_val_00000001.JPEG': 'n01',
  });
  expect(items.map(({ split }) => split).sort()).toEqual(['train', 'train', 'validation']);
});

test('sounds and photos of joined categories are never mismatched with each other', async () => {
  const [sounds, photos, table] = [join(folder, 'sounds'), join(folder, 'photos'), join(folder, 'joins.csv')];
  for (const [category, hz] of [
    ['bark', 300],
    ['moo', 120],
    ['meow', 700],
    ['rain', 900],
  ] as const) {
    for (const split of ['train', 'val']) put(join(sounds, split, category, 'a.wav'), tone({ hz, sampleRate: 8000 }));
  }
  for (const category of ['dog', 'cow', 'cat', 'desert']) {
    for (const split of ['train', 'val']) put(join(photos, split, category, 'a.jpg'), await picture('green'));
  }
  put(table, 'sound,picture\nbark,dog\nmoo,cow\nmeow,cat\n');
  await expect(prepare({ kind: 'by-class', from: [sounds, photos], out: join(folder, 'unjoined') })).rejects.toThrow(
    /No category is in both sets: .*bark.*dog/,
  );
  put(`${table}-moved`, 'sound,picture\nbark,dog\nmoo,cow,cat\n');
  await expect(list('by-class', [sounds, photos], `${table}-moved`)).rejects.toThrow(
    /Row 3 of .*-moved has 3 cells, where its header has 2/,
  );
  const out = join(folder, 'joined');
  await prepare({ kind: 'by-class', from: [sounds, photos], out, categoriesFile: table });
  const { index, pairs, dataset } = readPrepared(out);
  expect(dataset.categories).toEqual(['bark', 'meow', 'moo']);
  expect(index).toHaveLength(12);
  const categories = new Map(index.map(({ clip }) => [clip.key, clip.categories[0]]));
  expect(pairs.validation).toHaveLength(6);
  for (const { sound, picture, corresponds } of pairs.validation) {
    expect(categories.get(sound.key) === categories.get(picture.key)).toBe(corresponds);
  }
});

test('silence around a sound is cut off where a second of it may be paired with any picture, and kept in a benchmark', async () => {
  const [sounds, photos] = [join(folder, 'padded-sounds'), join(folder, 'padded-photos')];
  const padded = (hz: number) => {
    const wav = tone({ hz, seconds: 5, sampleRate: 8000 });
    return Buffer.concat([
      wav.subarray(0, 44),
      Buffer.alloc(3 * 16_000),
      wav.subarray(44, 44 + 16_000),
      Buffer.alloc(16_000),
    ]);
  };
  for (const [name, hz] of [
    ['dog', 300],
    ['cow', 120],
    ['cat', 500],
  ] as const) {
    put(join(sounds, `audio/${name}.wav`), padded(hz));
    put(join(photos, `train/${name}/a.jpg`), await picture('green'));
  }
  put(join(sounds, 'meta/esc50.csv'), 'filename,fold,category\ndog.wav,3,dog\ncow.wav,3,cow\ncat.wav,3,cat\n');
  await prepare({ kind: 'by-class', from: [sounds, photos], out: join(folder, 'cut'), settings: { heldOut: 0 } });
  for (const { clip } of readPrepared(join(folder, 'cut')).index) {
    if (!clip.sound) continue;
    expect(clip.sound.startSeconds).toBeCloseTo(2.5, 3); // half a second on either side
    expect(clip.sound.seconds).toBeCloseTo(2, 3);
  }
  await prepare({ kind: 'esc50', from: [sounds], out: join(folder, 'uncut') });
  const { index } = readPrepared(join(folder, 'uncut'));
  expect(index.map(({ clip }) => clip.sound)).toEqual(Array(3).fill({ startSeconds: 0, seconds: 5 }));
});

test('by-class data of one category is refused with the reason', async () => {
  const [sounds, photos] = [join(folder, 'one-sounds'), join(folder, 'one-photos')];
  for (const name of ['a', 'b']) {
    put(join(sounds, 'train/dog', `${name}.wav`), tone());
    put(join(photos, 'train/dog', `${name}.jpg`), await picture('green'));
  }
  const attempt = prepare({ kind: 'by-class', from: [sounds, photos], out: join(folder, 'one-out') });
  await expect(attempt).rejects.toThrow(/all of one source or category, so no mismatched pair can be drawn/);
});

test('tars with long names of GNU and POSIX are read like folders', async () => {
  const long = `train/${'a-very-long-folder-name-'.repeat(3)}/photo-with-a-name-that-does-not-fit.jpg`;
  for (const format of ['gnu', 'pax', 'ustar']) {
    const set = join(folder, `tar-${format}`);
    put(join(set, 'x', long), 'picture');
    execFileSync('tar', ['cf', '../photos.tar', `--format=${format}`, 'train'], { cwd: join(set, 'x') });
    rmSync(join(set, 'x'), { recursive: true });
    const { items } = await list('imagenet-val', [set]);
    expect(
      items.map(({ id }) => id),
      format,
    ).toEqual([long]);
  }
});
