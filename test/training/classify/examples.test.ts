import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IndexLine } from '#core/datasets/prepared.ts';
import { type Example, openLabelledDataset } from '../../../training/classify/examples.ts';
import { categories, makeSounds } from './support/makeSounds.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-examples-'));
let sounds: string;
beforeAll(async () => {
  sounds = await makeSounds(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (changes: { testFold?: number; validationFold?: number; sense?: 'audio' | 'image' } = {}, from = sounds) =>
  openLabelledDataset({ folder: from, testFold: null, validationFold: null, sense: null, ...changes });

const foldsOf = (examples: Example[]) => [...new Set(examples.map(({ line }) => line.clip.fold))].sort();
const sourcesOf = (examples: Example[]) => examples.map(({ line }) => line.clip.source);

/** A copy of the dataset with other clips. */
function changed(name: string, change: (line: IndexLine) => unknown): string {
  const copy = join(folder, name);
  cpSync(sounds, copy, { recursive: true });
  const lines = readFileSync(join(copy, 'index.jsonl'), 'utf8').trim().split('\n');
  const texts = lines.map((line) => JSON.stringify(change(JSON.parse(line))));
  writeFileSync(join(copy, 'index.jsonl'), `${texts.join('\n')}\n`);
  return copy;
}

test('an official fold tests, another chooses, and neither is trained on', async () => {
  const { train, validation, test, labels } = await open({ testFold: 1, validationFold: 5 });
  expect([foldsOf(train), foldsOf(validation), foldsOf(test)]).toEqual([[2, 3, 4], [5], [1]]);
  expect([train.length, validation.length, test.length]).toEqual([36, 12, 12]);
  expect(new Set([...sourcesOf(train), ...sourcesOf(validation), ...sourcesOf(test)]).size).toBe(60);
  expect(labels).toEqual(categories);
  for (const { line, category } of [...train, ...test]) expect(line.clip.categories).toEqual([categories[category]]);
});

test('without a fold that chooses, all others are trained on', async () => {
  const { train, validation, test } = await open({ testFold: 3 });
  expect([foldsOf(train), foldsOf(validation), foldsOf(test)]).toEqual([[1, 2, 4, 5], [], [3]]);
});

test('what has no fold is in the split that it has: what is judged has not been trained on', async () => {
  const unfolded = changed('unfolded', (line) => ({
    ...line,
    clip: { ...line.clip, fold: line.clip.fold === 2 ? 2 : null },
  }));
  const own = await open({}, unfolded);
  const keysOf = (examples: Example[]) => new Set(examples.map(({ line }) => line.clip.key));
  const { train, test } = await open({ testFold: 2 }, unfolded);
  const withoutFold = own.test.filter(({ line }) => line.clip.fold === null);
  expect(withoutFold.length).toBeGreaterThan(0);
  for (const { line } of withoutFold) expect(keysOf(test)).toContain(line.clip.key);
  expect(new Set([...keysOf(train), ...keysOf(test)]).size).toBe(train.length + test.length);
  expect(train.length + test.length).toBe(60);
});

test('without a fold to test on, the dataset’s own split is taken', async () => {
  const { train, validation, test } = await open();
  for (const [split, examples] of Object.entries({ train, validation, test })) {
    expect(examples.length).toBeGreaterThan(0);
    for (const { line } of examples) expect(line.clip.split).toBe(split);
  }
});

test('of a collection of two parts, what is held out tests and chooses nothing', async () => {
  const two = changed('two', (line) => ({
    ...line,
    clip: { ...line.clip, split: line.clip.split === 'train' ? 'train' : 'validation' },
  }));
  const { validation, test } = await open({}, two);
  expect(validation).toEqual([]);
  expect(test).toHaveLength(24);
});

test('what cannot be classified is said, with what to do', async () => {
  await expect(open({ testFold: 6 })).rejects.toThrow(/no fold 6: .* has the folds 1, 2, 3, 4, 5/);
  await expect(open({ testFold: 2, validationFold: 2 })).rejects.toThrow(/Fold 2 cannot both choose and test/);
  await expect(open({ validationFold: 2 })).rejects.toThrow(/testFold beside validationFold/);
  await expect(open({ sense: 'image', testFold: 1 })).rejects.toThrow(
    /Expected pictures in .* for branch=image but it has only sounds/,
  );
  const unlabelled = changed('unlabelled', (line) => ({ ...line, clip: { ...line.clip, categories: [] } }));
  await expect(open({}, unlabelled)).rejects.toThrow(/one category .* 60 of 60 have none or several: .* has none/);
  const one = changed('one', (line) => ({ ...line, clip: { ...line.clip, categories: ['low'] } }));
  await expect(open({}, one)).rejects.toThrow(/two categories or more .* all that it has is of one: low/);
  const several = changed('several', (line) => ({ ...line, clip: { ...line.clip, categories: ['low', 'high'] } }));
  await expect(open({}, several)).rejects.toThrow(/has low, high/);
});
