import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelConfig } from '#core/config.ts';
import { readDigits } from '#core/datasets/digits.ts';
import { correspondenceMetrics } from '#core/metrics.ts';
import { readFrom } from '#node/files.ts';
import { evaluateBundle } from '../../export/evaluate/evaluate.ts';
import { exportBundle } from '../../export/export.ts';
import { encodeExamples } from '../../training/classify/encodeExamples.ts';
import { openLabelledDataset } from '../../training/classify/examples.ts';
import { judgeExamples } from '../../training/classify/judge.ts';
import type { PreparedPairsData } from '../../training/correspondence/config.ts';
import { testMetrics } from '../../training/correspondence/digitProbes.ts';
import { preparedPairs } from '../../training/correspondence/prepared.ts';
import { small } from '../../training/presets/small.ts';
import type { tf } from '../../training/tensorflow/load.ts';
import { randomClassifier, randomNetwork, smallConfig, writeCheckpoint } from '../export/support/checkpoint.ts';
import { picture, put, tone } from '../prepare/support/media.ts';
import { prepare } from '../prepare/support/prepare.ts';

const dataset = fileURLToPath(new URL('../../datasets/digits', import.meta.url));

test('a bundle is judged as the network it was exported from, on the same pairs', { timeout: 60_000 }, async () => {
  const network = randomNetwork(smallConfig);
  const run = await writeCheckpoint(network);
  const folder = await mkdtemp(join(tmpdir(), 'clapper-evaluate-'));
  const bundle = join(folder, 'digits');
  await exportBundle({ checkpoint: run, out: bundle, version: '1' });

  const split = await readDigits(readFrom(dataset), 'test');
  const trained = testMetrics(network, network.probes, split);
  const exported = await evaluateBundle({ bundle, dataset, progress: { write: () => {} } });
  expect(exported.pairs).toBe(3000); // datasets/digits/README.md
  expect(exported.pairs).toBe(trained.pairs);
  const oneItem = 1.5 / 3000; // one may lie on the threshold
  expect(Math.abs((exported.accuracy as number) - (trained.accuracy as number))).toBeLessThan(oneItem);
  expect(Math.abs((exported.rocAuc as number) - (trained.rocAuc as number))).toBeLessThan(1e-4);
  const { 'spoken-digit': spoken, 'handwritten-digit': handwritten } = exported.classifiers;
  expect(spoken).toMatchObject({ items: 300, accuracy: trained['spoken-digit-accuracy'] });
  expect(handwritten?.items).toBe(3000);
  expect(Math.abs((handwritten?.accuracy ?? 0) - (trained['handwritten-digit-accuracy'] as number))).toBeLessThan(
    oneItem,
  );

  await rm(run, { recursive: true });
  await rm(folder, { recursive: true });
});

describe('on a prepared dataset, a bundle is judged as in training', () => {
  // Pictures are prepared larger than they are shown, and sounds are shorter and longer than what is heard at once.
  const config: ModelConfig = { ...smallConfig, image: { ...smallConfig.image, shortSide: 30 } };
  const labels = ['low', 'middle', 'high'];
  const hues = [0, 120, 240];
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clapper-evaluate-'));
    const table = ['filename,fold,target,category'];
    for (let i = 0; i < 30; i++) {
      const kind = i % 3;
      const sound = tone({ hz: 300 * 1.05 ** i, seconds: i % 4 === 0 ? 0.6 : 2.7, sampleRate: 8000, loudness: 0.3 });
      const photo = await picture(`hsl(${(hues[kind] as number) + 3 * i}, 80%, ${30 + i}%)`, { width: 48, height: 40 });
      put(join(folder, `pairs/${i}.wav`), sound);
      put(join(folder, `pairs/${i}.jpg`), photo);
      put(join(folder, `sounds/audio/${i}.wav`), sound);
      put(join(folder, `photos/${i % 2 ? 'train' : 'val'}/${labels[kind]}/${i}.jpg`), photo);
      table.push(`${i}.wav,${1 + (i % 5)},${kind},${labels[kind]}`);
    }
    put(join(folder, 'sounds/meta/esc50.csv'), `${table.join('\n')}\n`);
    const settings = { shortSide: 32, heldOut: 0.4 };
    for (const [kind, from] of [
      ['flickr-soundnet', 'pairs'],
      ['esc50', 'sounds'],
      ['imagenet-val', 'photos'],
    ] as const) {
      await prepare({ kind, from: [join(folder, from)], out: join(folder, `prepared-${from}`), settings });
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function evaluate(network: Parameters<typeof writeCheckpoint>[0], data: string, testFold: number | null) {
    const dataset = { name: data, description: data, licence: 'none', testFold };
    const run = await writeCheckpoint(network, { dataset });
    const bundle = join(folder, `bundle-${data}`);
    await exportBundle({ checkpoint: run, out: bundle, version: '1' });
    await rm(run, { recursive: true });
    return evaluateBundle({ bundle, dataset: join(folder, `prepared-${data}`), progress: { write: () => {} } });
  }

  test('by its fixed pairs', async () => {
    const network = randomNetwork(config);
    const data = { ...small.data, folder: join(folder, 'prepared-pairs') } as PreparedPairsData;
    const source = await preparedPairs(data, { model: config, rows: 4, batchesPerStep: 1, matchesPerClip: 1, seed: 0 });
    const trained = correspondenceMetrics(await source.judge(network, 'test'));
    const exported = await evaluate(network, 'pairs', null);
    expect(exported.pairs).toBe(trained.pairs);
    expect(trained.pairs).toBeGreaterThan(10);
    expect(exported.rocAuc).toBeCloseTo(trained.rocAuc, 2); // one pair in a hundred may change its place
    expect(Math.abs((exported.accuracy as number) - trained.accuracy) * trained.pairs).toBeLessThan(1.5);
  });

  test.each([
    ['all windows of the sounds of the fold that was held out', 'sounds', 'audio', 'audio_features', 2, 6],
    [
      'the pictures of the part that was held out, where there are but two',
      'photos',
      'image',
      'image_embedding',
      null,
      15,
    ],
  ] as const)('by %s', async (_, data, sense, input, testFold, items) => {
    const opened = await openLabelledDataset({
      folder: join(folder, `prepared-${data}`),
      testFold,
      validationFold: null,
      sense,
    });
    const { shards, test: examples } = opened;
    const network = randomClassifier(config, { input, hidden: null, labels: opened.labels });
    const encoder = { ...network, sense, branch: network[sense] as tf.LayersModel };
    const encoded = await encodeExamples(encoder, examples, { shards, workers: 1, ahead: 1 });
    const rows = input === 'audio_features' ? encoded.features : encoded.embeddings;
    const { model } = network.probes[0] as (typeof network.probes)[number];
    const trained = judgeExamples(model, examples, { rows, owners: encoded.owners });
    const exported = await evaluate(network, data, testFold);
    expect(exported.classifiers).toEqual({
      things: Object.fromEntries(Object.entries(trained).map(([name, value]) => [name, expect.closeTo(value, 6)])),
    });
    expect(trained.items).toBe(items);
  });
});
