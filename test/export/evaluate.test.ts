import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { type EvaluateOptions, evaluateBundle, openTestSet } from '../../export/evaluate/evaluate.ts';
import { openLearntSet } from '../../export/evaluate/learntSet.ts';
import { validationPart } from '../../export/evaluate/testSet.ts';
import { exportBundle } from '../../export/export.ts';
import { put, tone } from '../prepare/support/media.ts';
import { prepare } from '../prepare/support/prepare.ts';
import { randomClassifier, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

const labels = ['low', 'high'];
let folder: string;
let bundle: string;
let sounds: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-evaluate-'));
  const table = ['filename,fold,target,category'];
  for (let i = 0; i < 10; i++) {
    put(join(folder, `collection/audio/${i}.wav`), tone({ hz: i % 2 ? 2000 : 300, seconds: 1.2, sampleRate: 8000 }));
    table.push(`${i}.wav,${1 + Math.floor(i / 4)},${i % 2},${labels[i % 2]}`); // 4 in fold 1, 4 in 2, 2 in 3
  }
  put(join(folder, 'collection/meta/esc50.csv'), `${table.join('\n')}\n`);
  sounds = join(folder, 'sounds');
  await prepare({ kind: 'esc50', from: [join(folder, 'collection')], out: sounds });
  bundle = await exportClassifier('heard', { fold: 1, labels });
});
afterAll(() => rm(folder, { recursive: true }));

async function exportClassifier(name: string, { fold, labels }: { fold: number; labels: string[] }): Promise<string> {
  const dataset = { name: 'sounds', description: 'Tones', licence: 'none', testFold: fold };
  const network = randomClassifier(smallConfig, { input: 'audio_embedding', hidden: 8, labels });
  const run = await writeCheckpoint(network, { dataset });
  const out = join(folder, name);
  await exportBundle({ checkpoint: run, out, version: '1' });
  await rm(run, { recursive: true });
  return out;
}

const evaluate = (options: Partial<EvaluateOptions>) =>
  evaluateBundle({ bundle, dataset: sounds, progress: { write: () => {} }, ...options });

test('the fold that was held out in training is judged, unless another or a split is asked for', async () => {
  const judged = async (options: Partial<EvaluateOptions>) => {
    const { split, fold, classifiers } = await evaluate(options);
    return { split, fold, items: classifiers.things?.items };
  };
  expect(await judged({})).toEqual({ split: 'test', fold: 1, items: 4 });
  expect(await judged({ fold: 3 })).toEqual({ split: 'test', fold: 3, items: 2 });
  expect(await judged({ split: 'validation' })).toEqual({ split: 'validation', fold: null, items: 4 });
});

test('what chooses before the test is what training held out for that, and never the test fold', async () => {
  // The dataset's own validation split is fold 2, its test split fold 3.
  const { manifest, release } = await openBundleFolder(bundle);
  await release();
  const heldOut = (testFold: number, validationFold: number | null = null) => {
    const config = { ...manifest.training.config, data: { validationFold } };
    return { ...manifest, training: { ...manifest.training, testFold, config } };
  };
  const chosenBy = async (...folds: Parameters<typeof heldOut>) => {
    const changed = heldOut(...folds);
    const { items } = (await openTestSet(sounds, changed, validationPart(changed))).sounds;
    return items.map(({ source }) => source.replace('audio/', '')).sort();
  };
  const [one, two, three] = ['0123', '4567', '89'].map((names) => [...names]) as [string[], string[], string[]];
  expect(await chosenBy(1)).toEqual([...two, ...three]);
  expect(await chosenBy(2)).toEqual(three);
  expect(await chosenBy(3)).toEqual(two);
  expect(await chosenBy(2, 1)).toEqual(one);
  // Nor is int8 calibrated on what chooses: of fold 2, 4 sounds are left, too few.
  await expect(openLearntSet(sounds, heldOut(3, 1), 100)).rejects.toThrow(/but it has 4\./);
});

test('a variant that the bundle does not have is refused by name', async () => {
  await expect(evaluate({ variant: 'int8' })).rejects.toThrow(/int8/);
});

test('classes are told by their names, in whatever order classifier and dataset have them', async () => {
  const swapped = await exportClassifier('swapped', { fold: 1, labels: labels.toReversed() });
  const [straight, crossed] = [await evaluate({}), await evaluate({ bundle: swapped })];
  // The same random weights: what one calls low the other calls high.
  expect(straight.classifiers.things?.accuracy).toBeCloseTo(1 - (crossed.classifiers.things?.accuracy as number), 12);
});

test('a fold that is not there is refused, with those that are', async () => {
  await expect(evaluate({ fold: 9 })).rejects.toThrow(/There is no fold 9: .* has the folds 1, 2, 3\./);
});

test('a dataset of other classes is refused, with what both have', async () => {
  const other = await exportClassifier('other', { fold: 1, labels: [...labels, 'middle'] });
  await expect(evaluate({ bundle: other })).rejects.toThrow(
    /judge "other" by but .* 0 pairs, 4 sounds of 2 categories .* classifiers: things with 3 labels/,
  );
});

test('a dataset at another rate is refused, with how to prepare it', async () => {
  const faster = join(folder, 'faster');
  await cp(sounds, faster, { recursive: true });
  const file = join(faster, 'dataset.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"sampleRate": 8000', '"sampleRate": 16000'));
  await expect(evaluate({ dataset: faster })).rejects.toThrow(
    /Expected a dataset at 8000 Hz, .* is at 16000 Hz\. Prepare it again with --sample-rate 8000\./,
  );
});

test('a shard that was cut short is named, with the clip', async () => {
  const cut = join(folder, 'cut');
  await cp(sounds, cut, { recursive: true });
  const shard = join(cut, 'shards/000000.tar');
  await writeFile(shard, (await readFile(shard)).subarray(0, 30_000));
  await expect(evaluate({ dataset: cut })).rejects.toMatchObject({
    kind: 'unreadable_media',
    message: expect.stringMatching(
      /the sound of clip \S+ in .*000000\.tar but the file ends \d+ bytes before it does\. Prepare the dataset again/,
    ),
  });
});

test('a dataset that lacks its index is refused', async () => {
  const unindexed = join(folder, 'unindexed');
  await cp(sounds, unindexed, { recursive: true });
  await rm(join(unindexed, 'index.jsonl'));
  await expect(evaluate({ dataset: unindexed })).rejects.toThrow(
    /Expected the file .*index\.jsonl but it does not exist/,
  );
});

test('a folder that holds no dataset is refused', async () => {
  await expect(evaluate({ dataset: folder })).rejects.toThrow(
    /no dataset\.json\. Make or finish one: npx clapper prepare/,
  );
});
