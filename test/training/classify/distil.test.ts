import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Random } from '#core/random.ts';
import { exportBundle } from '../../../export/export.ts';
import type { ClassifyConfig } from '../../../training/classify/config.ts';
import { openTeacher, shownBy, type Teacher } from '../../../training/classify/distil.ts';
import { enlarged, randomEncoder } from '../../../training/classify/encoder.ts';
import { openLabelledDataset } from '../../../training/classify/examples.ts';
import { createClassifyTask } from '../../../training/classify/fineTune/task.ts';
import { resolveConfig } from '../../../training/config.ts';
import { findPreset } from '../../../training/presets/index.ts';
import {
  efficientNetLite0,
  efficientNetLite0Encoder,
  efficientNetLite0Image,
} from '../../../training/pretrained/efficientNetLite0.ts';
import { openCheckpoint } from '../../../training/run/openCheckpoint.ts';
import { tf } from '../../../training/tensorflow/load.ts';
import { train } from '../../../training/train.ts';
import { put } from '../../prepare/support/media.ts';
import { prepare } from '../../prepare/support/prepare.ts';
import { weightsByFormula } from '../pretrained/support/weightsByFormula.ts';
import { outcome } from '../support/smallRun.ts';

// Its own weights are 17 MB of another index. By chance, so that what it gives varies with the picture.
function weightsByChance() {
  const random = new Random(7);
  return weightsByFormula(() => random.normal());
}
vi.mock('../../../training/pretrained/imageNet.ts', () => ({ imageNetWeights: async () => weightsByChance() }));

const folder = mkdtempSync(join(tmpdir(), 'clapper-distil-'));
const quiet = { write: () => {} };
let photos: string;
let others: string;

beforeAll(async () => {
  photos = await makePictures('photos', ['red', 'green']);
  others = await makePictures('others', ['blue', 'grey']);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** 100 mosaics in two categories, a quarter each in validation and test. */
async function makePictures(name: string, categories: string[]): Promise<string> {
  const random = new Random(name.length);
  for (let i = 0; i < 100; i++) {
    const category = categories[i % 2] as string;
    const loud = { red: [0], green: [1], blue: [2], grey: [0, 1, 2] }[category] as number[];
    const strength = random.integer(200);
    const grain = Uint8Array.from({ length: 27 }, (_, j) => random.integer(55) + (loud.includes(j % 3) ? strength : 0));
    const mosaic = sharp(grain, { raw: { width: 3, height: 3, channels: 3 } }).resize(40, 40, { kernel: 'nearest' });
    put(join(folder, `${name}-collection`, category, `${i}.png`), await mosaic.png().toBuffer());
  }
  const out = join(folder, name);
  const settings = { seed: 0, shortSide: 36, heldOut: 0.25 };
  await prepare({ kind: 'imagenet-val', from: [join(folder, `${name}-collection`)], out, settings });
  return out;
}

/** The recipe of photos for 16 pixels, of which the teacher sees 32. */
function tiny(...changes: string[]): ClassifyConfig {
  const settings = [
    ...[`data.folder=${photos}`, 'from=random', 'epochs=null', 'steps=40', 'batchSize=10', 'learningRate=1e-2'],
    ...['logEvery=1', 'evalEvery=20', 'saveEvery=20', 'network.channels=[8,16]', 'pictureSize=16'],
    ...['pictureShortSide=18', 'audioGrid=[1,1]', 'imageGrid=[1,1]', 'distil.teacher=efficientnet-lite0'],
  ];
  return resolveConfig(findPreset('photos', undefined), [...settings, ...changes]) as ClassifyConfig;
}

async function tinyTeacher(): Promise<Teacher> {
  const config = tiny();
  const dataset = await openLabelledDataset({ ...config.data, sense: 'image' });
  const { examples, shards } = await shownBy(dataset, config.distil);
  return openTeacher(randomEncoder('image', config), { ...config.data, config, examples, shards, output: quiet });
}

/** What was left untold of the validation split, each time. */
function untoldOf(runDir: string): number[] {
  return readFileSync(join(runDir, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ split }) => split === 'validation')
    .map(({ untold }) => untold as number);
}

const base = { commit: null, output: quiet, signal: new AbortController().signal };

test('what is told are the numbers of EfficientNet-Lite0 for the very view, up to a scale and a shift of each', async () => {
  const teacher = await tinyTeacher();
  const random = new Random(5);
  const views = Array.from({ length: 6 }, (_, i) =>
    Uint8Array.from({ length: 32 * 32 * 3 }, () => 40 * i + random.integer(50)),
  );
  const size = { width: 32, height: 32, shortSide: 36 };
  const network = efficientNetLite0(weightsByChance());
  const { embeddings } = await efficientNetLite0Encoder(network, { ...efficientNetLite0Image, ...size }).encode(views);
  const bytes = Uint8Array.from(views.flatMap((view) => [...view]));
  const told = teacher.numbersOf(teacher.frontends.pixels(bytes)).arraySync() as number[][];
  for (let number = 0; number < 320; number += 40) {
    const [own, other] = [told, embeddings].map((rows) => rows.map((row) => row[number] as number)) as [
      number[],
      number[],
    ];
    const slope = ((own[1] as number) - (own[0] as number)) / ((other[1] as number) - (other[0] as number));
    for (const [i, value] of own.entries()) {
      expect(value).toBeCloseTo((own[0] as number) + slope * ((other[i] as number) - (other[0] as number)), 2);
    }
  }
});

test('the branch sees the same view at half the size, as pixels and as bytes', async () => {
  const teacher = await tinyTeacher();
  const bytes = Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) => (i * 7919) % 256);
  const seen = teacher.forBranch(teacher.frontends.pixels(bytes));
  expect(seen.shape).toEqual([2, 16, 16, 3]);
  const at = (y: number, x: number) => bytes[(y * 32 + x) * 3 + 1] as number; // green, of the first picture
  const mean = (at(6, 10) + at(6, 11) + at(7, 10) + at(7, 11)) / 4;
  expect((seen.arraySync() as number[][][][])[0]?.[3]?.[5]?.[1]).toBeCloseTo(mean / 127.5 - 1, 5);
  const small = Array.from(teacher.bytesForBranch(bytes), (byte) => byte / 127.5 - 1);
  const difference = tf.max(tf.abs(tf.sub(tf.tensor4d(small, [2, 16, 16, 3]), seen)));
  expect(difference.dataSync()[0]).toBeLessThan(0.51 / 127.5);
});

test('the branch learns to tell what the teacher gives for pictures that neither was trained on', async () => {
  const runDir = join(folder, 'run');
  const config = tiny(`distil.also=${others}`, 'steps=120', 'evalEvery=60');
  await train({ ...base, config, runDir, resume: false });
  const untold = untoldOf(runDir);
  expect(untold).toHaveLength(2);
  expect(untold[1]).toBeLessThan(0.8); // 1: nothing is told but means
  const { files } = await exportBundle({ checkpoint: runDir, out: join(folder, 'bundle'), version: '1' }); // it verifies itself
  expect(files.map(({ file }) => file).join()).not.toMatch(/distil/);
});

test('a run that begins with the branch of such a run tells what that one told, from its first step', async () => {
  const [first, next] = [join(folder, 'first'), join(folder, 'next')];
  await train({ ...base, config: tiny('steps=120', 'evalEvery=120'), runDir: first, resume: false });
  const config = tiny(`from=${first}`, 'steps=1', 'evalEvery=1', 'learningRate=1e-9', 'batchNormMomentum=0.999');
  await train({ ...base, config, runDir: next, resume: false });
  const [before, after] = [untoldOf(first).at(-1) as number, untoldOf(next).at(-1) as number];
  expect(before).toBeLessThan(0.8);
  expect(Math.abs(after - before)).toBeLessThan(0.02);
});

test('a branch goes on with larger pictures, of which the teacher sees twice the pixels, and with the same weights', async () => {
  const [first, next] = [join(folder, 'small'), join(folder, 'larger')];
  await train({ ...base, config: tiny('steps=2', 'saveEvery=2'), runDir: first, resume: false });
  const config = tiny(`from=${first}`, 'enlarge=1.5', 'steps=1', 'learningRate=1e-12', 'weightDecay.amount=0');
  await train({ ...base, config, runDir: next, resume: false });
  const [small, larger] = [await openCheckpoint(first), await openCheckpoint(next)];
  expect(larger.state.config.model.image).toMatchObject({ width: 24, height: 24, shortSide: 27 });
  expect(larger.models.image?.inputs[0]?.shape).toEqual([null, 24, 24, 3]);
  const kernelsOf = ({ models }: typeof small) => models.image?.trainableWeights.map((weight) => weight.read());
  for (const [i, kernel] of kernelsOf(larger)?.entries() ?? []) {
    const apart = tf.max(tf.abs(tf.sub(kernel, kernelsOf(small)?.[i] as tf.Tensor)));
    expect(apart.dataSync()[0]).toBeLessThan(1e-9);
  }
  const { files } = await exportBundle({ checkpoint: next, out: join(folder, 'larger-bundle'), version: '1' }); // it verifies itself
  expect(files.length).toBeGreaterThan(0);
});

test('a branch of random weights, one that hears, and sizes that leave nothing, are not enlarged', async () => {
  await expect(createClassifyTask(tiny('enlarge=2'), null, quiet)).rejects.toThrow(/from=random.*--set pictureSize=N/);
  expect(() => enlarged(randomEncoder('audio', tiny()), 2)).toThrow(/this one hears: --set enlarge=1/);
  expect(() => enlarged(randomEncoder('image', tiny()), 0.01)).toThrow(/cannot be made/);
});

test('a run that was stopped goes on with the same bits', async () => {
  const config = tiny(`distil.also=${others}`, 'steps=4', 'saveEvery=2', 'evalEvery=4', 'dropout=0.3');
  const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')];
  const expected = await train({ ...base, config, runDir: whole, resume: false });
  const stop = new AbortController();
  const write = (text: string) => text.includes('step 2 of') && stop.abort();
  const first = await train({
    ...{ ...base, config, runDir: stopped, resume: false },
    ...{ output: { write }, signal: stop.signal },
  });
  expect(first.finished).toBe(false);
  const { metrics } = await train({ ...base, config, runDir: stopped, resume: true });
  expect(metrics).toEqual(expected.metrics);
  expect(outcome(stopped, 4)).toEqual(outcome(whole, 4));
});

test('of other pictures all but the test split are shown, from their own files, and their categories are not told', async () => {
  const config = tiny(`distil.also=${others}`);
  const dataset = await openLabelledDataset({ ...config.data, sense: 'image' });
  const { examples, shards, record } = await shownBy(dataset, config.distil);
  const untold = examples.filter(({ category }) => category === null);
  expect(examples.slice(0, dataset.train.length)).toEqual(dataset.train);
  const splits = new Set(untold.map(({ line }) => line.clip.split));
  expect(splits).toEqual(new Set(['train', 'validation']));
  const inOthers = readFileSync(join(others, 'index.jsonl'), 'utf8').trim().split('\n');
  const tested = inOthers.filter((line) => JSON.parse(line).clip.split === 'test').length;
  expect(tested).toBeGreaterThan(0);
  expect(untold).toHaveLength(inOthers.length - tested);
  for (const { line } of untold) expect(shards[line.shard]).toContain(join(others, 'shards'));
  expect(record.digest).not.toBe(dataset.record.digest);
});

test('a branch that hears, and other pictures without a teacher or without pictures, are refused', async () => {
  const hears = randomEncoder('audio', tiny());
  const options = { config: { seed: 0 }, examples: [], shards: [], workers: 1, ahead: 1, output: quiet };
  await expect(openTeacher(hears, options)).rejects.toThrow(/this one hears: --set distil.teacher=null/);
  const task = (...changes: string[]) => createClassifyTask(tiny(...changes), null, quiet);
  await expect(task('distil.teacher=null', `distil.also=${others}`)).rejects.toThrow(/Expected a teacher beside/);
  await expect(task(`distil.also=${join(folder, 'none')}`)).rejects.toThrow(/Expected a prepared dataset at/);
});
