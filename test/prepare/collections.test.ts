import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { kinds } from '../../prepare/kinds/index.ts';
import type { Item } from '../../prepare/kinds/kind.ts';
import type { KindName } from '../../prepare/kinds/names.ts';

const shared = (folder: string) => fileURLToPath(new URL(`../../../shared/data/${folder}`, import.meta.url));
const list = (kind: KindName, ...from: string[]) => kinds[kind].list(from.map(shared), { categoriesFile: null });

/** How many items there are of each key. */
function count<T>(items: Item[], keyOf: (item: Item) => T): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

// Real collections, where they lie beside the repository. The numbers are those of their papers and READMEs.
describe.skipIf(!existsSync(shared('esc50')))('in ../shared/data', () => {
  test('ESC-50 has 2,000 sounds, 40 of each of 50 categories in their official order, and 400 in each fold', async () => {
    const { items, categories, skipped } = await list('esc50', 'esc50');
    expect(skipped.map(({ file }) => file)).toEqual(['README.md', 'meta/attribution.txt']);
    expect(items).toHaveLength(2000);
    expect(new Set(count(items, ({ categories }) => categories[0]).values())).toEqual(new Set([40]));
    expect(count(items, ({ fold }) => fold)).toEqual(new Map([1, 2, 3, 4, 5].map((fold) => [fold, 400])));
    expect(categories).toHaveLength(50);
    expect(categories.slice(0, 3)).toEqual(['dog', 'rooster', 'pig']);
    expect(count(items, ({ split }) => split)).toEqual(
      new Map([
        ['train', 1200],
        ['validation', 400],
        ['test', 400],
      ]),
    );
  });

  test('further photos come in the order of the numbers of ESC-50', async () => {
    const { categories } = await list('imagenet-val', 'esc50_photos2');
    expect(categories.slice(0, 3)).toEqual(['dog', 'rooster', 'pig']);
  });

  test('the clips have 102 sounds and 892 frames', async () => {
    const { items, skipped } = await list('av-clips', 'av_clips');
    expect(skipped.map(({ file }) => file)).toEqual(['README.md']);
    expect(items).toHaveLength(102);
    expect(items.reduce((sum, { files }) => sum + files, 0)).toBe(102 + 892);
  });

  test('Caltech has 52 classes of 20 photos, half of them for validation', async () => {
    const { items, categories } = await list('imagenet-val', 'caltech101_52');
    expect(categories).toHaveLength(52);
    expect(new Set(count(items, ({ categories }) => categories[0]).values())).toEqual(new Set([20]));
    expect(count(items, ({ split }) => split)).toEqual(
      new Map([
        ['train', 520],
        ['validation', 520],
      ]),
    );
  });

  test('ESC-50 and its photos share 28 categories, and no fold is in two splits on either side', async () => {
    const { items, categories, skipped } = await list('by-class', 'esc50', 'esc50_photos2');
    expect(categories).toHaveLength(28);
    expect(count(items, ({ id }) => id.split('/')[0])).toEqual(
      new Map([
        ['sounds', 28 * 40],
        ['pictures', 9943],
      ]),
    );
    const unpaired = skipped.filter(({ reason }) => reason.startsWith('No picture is of its class'));
    expect(unpaired).toHaveLength(22 * 40);
    const splitsOfFolds = count(items, ({ id, fold, split }) => `${id.split('/')[0]} ${fold} ${split}`);
    expect(splitsOfFolds.size).toBe(2 * 5);
  });
});
