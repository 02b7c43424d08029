import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { kinds } from '../../prepare/kinds/index.ts';
import type { KindName } from '../../prepare/kinds/names.ts';
import { readPrepared } from './support/dataset.ts';
import { prepare } from './support/prepare.ts';

const shared = (name: string) => fileURLToPath(new URL(`../../../shared/cases/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'clapper-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function list(kind: KindName, ...from: string[]) {
  const listing = await kinds[kind].list(from, { categoriesFile: null });
  const count = <T>(keyOf: (item: (typeof listing.items)[number]) => T) => {
    const counts = new Map<T, number>();
    for (const item of listing.items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
    return Object.fromEntries(counts);
  };
  return { ...listing, count };
}

/** Collections that other tools stumbled over, where they lie beside the repository; tables.test.ts, layouts.test.ts and others have their kinds. */
describe.skipIf(!existsSync(shared('README.md')))('in ../shared/cases', () => {
  test.each(['label', 'idlabel', 'upper', 'semicolon', 'utf16'])('the table of %s is understood', async (name) => {
    const { count } = await list('imagenet-val', shared(`table-not-understood/${name}`));
    expect(count(({ categories }) => categories[0])).toEqual({ cat: 3, dog: 3, bird: 3 });
  });

  test.each(['windows-paths', 'decomposed-names'])('names are found: %s', async (name) => {
    const { items, skipped } = await list('imagenet-val', shared(`table-names-not-found/${name}`));
    expect(items).toHaveLength(6);
    expect(skipped).toEqual([]);
  });

  test('folds from 0 are five folds', async () => {
    const [sounds, photos] = [shared('fold-zero/sounds'), shared('fold-zero/photos')];
    const folds = { 1: 4, 2: 4, 3: 4, 4: 4, 5: 4 };
    expect((await list('esc50', sounds)).count(({ fold }) => fold)).toEqual(folds);
    const { count } = await list('by-class', sounds, photos);
    expect(count(({ fold }) => fold)).toEqual({ 1: 8, 2: 8, 3: 8, 4: 8, 5: 8 });
    expect(count(({ split }) => split)).toEqual({ train: 24, validation: 8, test: 8 });
  });

  test('times are read, or said', async () => {
    const out = join(folder, 'times');
    await prepare({ kind: 'av-clips', from: [shared('av-clips-times/input')], out, settings: { heldOut: 0 } });
    const { index, skipped } = readPrepared(out);
    const times = index.map(({ clip }) => [clip.source, clip.pictures[0]?.timeSeconds]);
    expect(Object.fromEntries(times)).toEqual({ 0: 0.2, 1: null, 2: 0.3, 3: 0.4, 5: 0.1 });
    expect(skipped.map(({ file }) => file).sort()).toEqual(['audio/4.wav', 'f/4.jpg', 'f/6.jpg']);
  });

  test("UrbanSound8K's classes and folds are those of its table", async () => {
    const { count } = await list('esc50', shared('urbansound8k-layout/sounds'));
    expect(count(({ fold }) => fold)).toEqual({ 1: 4, 2: 4, 3: 4 });
    const both = await list('by-class', shared('urbansound8k-layout/sounds'), shared('urbansound8k-layout/photos'));
    expect(both.categories).toEqual(['air_conditioner', 'car_horn', 'dog_bark']);
    expect(both.items).toHaveLength(12 + 9);
  });

  test('videos and pictures are known by their bytes, and the others named', async () => {
    const { items } = await list('videos', shared('endings-left-out-silently/videos')).catch(() => ({ items: null }));
    if (items) expect(items).toHaveLength(10); // without FFmpeg they are refused
    const { count, skipped } = await list('imagenet-val', shared('endings-left-out-silently/pictures'));
    expect(count(({ categories }) => categories[0])).toEqual({ cat: 5, dog: 5 });
    expect(skipped.map(({ file }) => file)).toEqual(
      ['cat', 'dog'].flatMap((name) => ['avif', 'bmp', 'gif', 'tif'].map((ending) => `${name}/x.${ending}`)),
    );
  });

  test('Tiny ImageNet has its classes, and folders of a class may hold the splits', async () => {
    const tiny = await list('imagenet-val', shared('tiny-imagenet-layout/input'));
    expect(tiny.count(({ categories, split }) => `${categories[0]} ${split}`)).toEqual({
      'n01443537 train': 4,
      'n01629819 train': 4,
      'n02056570 train': 4,
      'n01443537 validation': 2,
      'n01629819 validation': 2,
      'n02056570 validation': 2,
    });
    const { count } = await list('imagenet-val', shared('class-then-split/input'));
    expect(count(({ categories, split }) => `${categories[0]} ${split}`)).toEqual({
      'cat train': 6,
      'cat test': 3,
      'dog train': 6,
      'dog test': 3,
    });
  });

  test("a Mac's tar holds what it holds unpacked", async () => {
    expect((await list('flickr-soundnet', shared('tar-from-a-mac/pairs'))).items).toHaveLength(6);
    const { items, skipped } = await list('imagenet-val', shared('tar-from-a-mac/photos'));
    expect(items).toHaveLength(10);
    expect(skipped.every(({ file, broken }) => file.includes('/._') && !broken)).toBe(true);
  });

  test.each<[KindName, string]>([
    ['imagenet-val', 'table-not-understood/utf16'],
    ['imagenet-val', 'table-names-not-found/windows-paths'],
    ['imagenet-val', 'tiny-imagenet-layout/input'],
    ['imagenet-val', 'class-then-split/input'],
    ['imagenet-val', 'endings-left-out-silently/pictures'],
    ['esc50', 'fold-zero/sounds'],
    ['esc50', 'urbansound8k-layout/sounds'],
    ['av-clips', 'av-clips-times/input'],
  ])('%s reads %s in a tar as it does unpacked', async (kind, name) => {
    const packed = join(folder, name.replaceAll('/', '-'));
    mkdirSync(packed);
    execFileSync('tar', ['cf', join(packed, 'set.tar'), '-C', shared(name), '.']);
    const summary = async (from: string) => {
      const { items, skipped, notes, categories } = await list(kind, from);
      return {
        items: items.map(({ id, categories, fold, split }) => ({ id, categories, fold, split })),
        skipped,
        notes,
        categories,
      };
    };
    expect(await summary(packed)).toEqual(await summary(shared(name)));
  });

  test('a link to a folder above is not gone round', async () => {
    const input = join(folder, 'input');
    cpSync(shared('link-to-parent/photos'), input, { recursive: true });
    for (const name of ['all', 'cat/all']) symlinkSync('.', join(input, name));
    expect((await list('imagenet-val', input)).items).toHaveLength(10);
  });
});
