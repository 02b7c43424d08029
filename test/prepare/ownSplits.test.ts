import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { KindName } from '../../prepare/kinds/names.ts';
import { listCollection } from './support/collection.ts';
import { readPrepared } from './support/dataset.ts';
import { put, tone } from './support/media.ts';
import { prepare } from './support/prepare.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-splits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const splitOfFold = ['train', 'train', 'validation', 'test', 'train', 'validation'];

/** Six files in six folds, whose splits the table gives: by their folds, fold 5 were for validation and 6 for the test. */
const table = ['filename,fold,split,category']
  .concat(splitOfFold.map((split, i) => `${i + 1}.wav,${i + 1},${split},${i % 2 ? 'cat' : 'dog'}`))
  .join('\n');
const names = splitOfFold.map((_, i) => `${i + 1}.wav`);

test.each<[KindName, Record<string, string>]>([
  ['esc50', { ...Object.fromEntries(names.map((name) => [name, ''])), 'meta/esc50.csv': table }],
  [
    'imagenet-val',
    {
      ...Object.fromEntries(names.map((name) => [name.replace('wav', 'jpg'), ''])),
      'labels.csv': table.replaceAll('.wav', '.jpg'),
    },
  ],
  [
    'av-clips',
    {
      ...Object.fromEntries(names.flatMap((name) => [name, name.replace('wav', 'jpg')].map((file) => [file, '']))),
      'clips.csv': ['id,audio_file,fold,split,label']
        .concat(splitOfFold.map((split, i) => `c${i + 1},${i + 1}.wav,${i + 1},${split},a`))
        .join('\n'),
      'frames.csv': ['file,clip_id,time_s'].concat(names.map((_, i) => `${i + 1}.jpg,c${i + 1},0`)).join('\n'),
    },
  ],
])('%s: where a table gives splits, they count, and its folds are kept', async (kind, files) => {
  const { items, notes } = await listCollection(kind, files);
  const byFold = [...items].sort((a, b) => (a.fold as number) - (b.fold as number));
  expect(byFold.map(({ fold, split }) => [fold, split])).toEqual(splitOfFold.map((split, i) => [i + 1, split]));
  expect(notes.join()).toContain("The splits are the collection's own; its folds are kept beside them.");
});

test('by-class: each side has the splits of its own table, or those of its folds', async () => {
  const { kinds } = await import('../../prepare/kinds/index.ts');
  const [sounds, photos] = [join(folder, 'sounds'), join(folder, 'photos')];
  for (const name of names) put(join(sounds, name), tone());
  put(join(sounds, 'esc50.csv'), table);
  for (const [i, name] of names.entries())
    put(join(photos, `fold${i + 1}/${i % 2 ? 'cat' : 'dog'}/${name}`.replace('wav', 'jpg')), '');
  const { items, notes } = await kinds['by-class'].list([sounds, photos], { categoriesFile: null });
  const splits = (side: string) =>
    items
      .filter(({ id }) => id.startsWith(side))
      .sort((a, b) => (a.fold as number) - (b.fold as number))
      .map(({ split }) => split);
  expect(splits('sounds')).toEqual(splitOfFold);
  expect(splits('pictures')).toEqual(['train', 'train', 'train', 'train', 'validation', 'test']);
  expect(notes.join()).toContain('Sounds: The splits are the collection');
  expect(notes.join()).toContain('Pictures: The splits follow from the folds: 6 is for the test, 5 for validation');
});

test('what is written is in the split that the table says', async () => {
  const set = join(folder, 'written');
  for (const [i, name] of names.entries()) put(join(set, 'audio', name), tone({ hz: 300 + 200 * i }));
  put(join(set, 'meta/esc50.csv'), table);
  const out = join(folder, 'written-out');
  await prepare({ kind: 'esc50', from: [set], out, maxBad: 0 });
  const { index } = readPrepared(out);
  expect(index.map(({ clip: { fold, split } }) => [fold, split]).sort()).toEqual(
    splitOfFold.map((split, i) => [i + 1, split]),
  );
});

test.each([
  ['splits alone are enough', 'file,class,split\n1.wav,a,train\n2.wav,b,test\n', ['train', 'test']],
  [
    'a file of which the fold alone is given is in the split of its fold',
    'file,class,fold,split\n1.wav,a,1,test\n2.wav,b,1,\n',
    ['test', 'test'],
  ],
  [
    'where its fold is in two splits, its own is drawn',
    'file,class,fold,split\n1.wav,a,1,test\n2.wav,b,1,\n3.wav,b,1,train\n',
    ['test', null, 'train'],
  ],
])('%s', async (_, text, expected) => {
  const sounds = text.match(/\d\.wav/g) as string[];
  const { items } = await listCollection('esc50', {
    ...Object.fromEntries(sounds.map((name) => [name, ''])),
    't.csv': text,
  });
  expect(items.map(({ split }) => split)).toEqual(expected);
});

test('a fold in two splits is named', async () => {
  const { notes } = await listCollection('esc50', {
    ...{ '1.wav': '', '2.wav': '' },
    't.csv': 'file,class,fold,split\n1.wav,a,1,test\n2.wav,b,1,train\n',
  });
  expect(notes.join()).toContain('its folds are kept beside them: fold 1 is in test and train');
});

test.each([
  [
    'a split',
    'file,class,fold,split\n1.wav,a,train,test\n2.wav,b,1,train\n',
    /Row 2 of t.csv has the split train in fold and test in split/,
  ],
  [
    'a fold',
    'file,class,fold,set\n1.wav,a,1,2\n2.wav,b,1,train\n',
    /Row 2 of t.csv has the fold 1 in fold and 2 in set/,
  ],
])('%s that two columns say differently is refused', async (_, text, reason) => {
  const { leftOut } = await listCollection('esc50', { '1.wav': '', '2.wav': '', 't.csv': text });
  expect(leftOut['1.wav']).toMatch(reason);
});

test('the report says of each column what was found in it', async () => {
  const noteOf = async (text: string) =>
    (await listCollection('esc50', { '1.wav': '', '2.wav': '', '3.wav': '', 't.csv': text })).notes[0];
  expect(await noteOf('file,class,split,set\n1.wav,a,1,\n2.wav,b,2,\n3.wav,b,3,\n')).toBe(
    't.csv: 3 of 3 rows; the file from file, the class from class, the fold from split; not read: set.',
  );
  expect(await noteOf('file,class,label,fold\n1.wav,a,0,1\n2.wav,b,1,2\n3.wav,b,1,val\n')).toBe(
    "t.csv: 3 of 3 rows; the file from file, the class from class, the fold and split from fold, the classes' order from label.",
  );
});

test('what a table does not say, folders say', async () => {
  const { items } = await listCollection('esc50', {
    'train/1.wav': '',
    'test/2.wav': '',
    't.csv': 'file,class,fold\n1.wav,a,1\n2.wav,b,2\n',
  });
  expect(items.map(({ fold, split }) => [fold, split]).sort()).toEqual([
    [1, 'train'],
    [2, 'test'],
  ]);
});

test('columns of clips and frames that are not read are named', async () => {
  const { notes } = await listCollection('av-clips', {
    ...{ '1.wav': '', '1.jpg': '' },
    'clips.csv': 'id,audio_file,genre\n1,1.wav,rock\n',
    'frames.csv': 'file,clip_id,time_s,camera\n1.jpg,1,0,left\n',
  });
  expect(notes).toContain('clips.csv: not read: genre.');
  expect(notes).toContain('frames.csv: not read: camera.');
});
