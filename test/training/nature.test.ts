import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportBundle } from '../../export/export.ts';
import { resolveConfig } from '../../training/config.ts';
import { findPreset } from '../../training/presets/index.ts';
import type { TrainResult } from '../../training/run/trainOptions.ts';
import { train } from '../../training/train.ts';
import { picture, put, tone } from '../prepare/support/media.ts';
import { prepare } from '../prepare/support/prepare.ts';
import { tinySpectrogram } from './support/tinySpectrogram.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-nature-'));
const data = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true }));

/** Six things, each with its own pitch and colour, never recorded together. */
beforeAll(async () => {
  for (let kind = 0; kind < 6; kind++) {
    for (let i = 0; i < 20; i++) {
      const split = i < 12 ? 'train' : i < 16 ? 'validation' : 'test';
      const [sound, photo] = ['sounds', 'photos'].map((side) => join(folder, side, split, `thing-${kind}`, `${i}`));
      put(`${sound}.wav`, tone({ hz: 200 * 1.5 ** kind + 3 * i, seconds: 1, sampleRate: 8000, loudness: 0.3 }));
      put(`${photo}.jpg`, await picture(`hsl(${kind * 60 + (i % 4)}, 90%, ${40 + i}%)`, { width: 44, height: 33 }));
    }
  }
  const from = [join(folder, 'sounds'), join(folder, 'photos')];
  await prepare({ kind: 'by-class', from, out: data, settings: { sampleRate: 8000, shortSide: 32 } });
});

const settings = [
  `data.folder=${data}`,
  'steps=80',
  'logEvery=20',
  'evalEvery=40',
  'saveEvery=40',
  'batchSize=16',
  'learningRate=4e-3',
  ...tinySpectrogram,
  'seconds=1',
  'pictureSize=28',
  'pictureShortSide=32',
  'network.channels=[16,32]',
  'audioGrid=[1,1]',
  'imageGrid=[1,1]',
];

function learn(name: string, preset: string, ...changes: string[]): Promise<TrainResult> {
  return train({
    config: resolveConfig(findPreset(preset, undefined), [...settings, ...changes]),
    runDir: join(folder, name),
    resume: false,
    commit: null,
    output: { write: () => {} },
    signal: new AbortController().signal,
  });
}

test('from pairs alone, every sound of a batch with every picture, it learns what belongs together', async () => {
  const { metrics } = await learn('pairs', 'nature', 'view.cutOut=0', 'view.zoom=0.2');
  expect(metrics.accuracy).toBeGreaterThan(0.9);
});

test('a head on branches that were taught categories keeps them and their classifiers, and is exported', async () => {
  const classify = ['epochs=null', 'steps=80', 'labelSmoothing=0', 'mixup=0', 'bandMasks=0', 'frameMasks=0'];
  const sounds = await learn('sounds', 'strong', ...classify, 'branch=audio', 'name=pitch');
  const photos = await learn('photos', 'photos', ...classify, 'name=colour', 'view.cutOut=0', 'view.zoom=0.2');
  expect([sounds.metrics.accuracy, photos.metrics.accuracy].every((share) => (share as number) > 0.9)).toBe(true);

  const [audio, image] = ['sounds', 'photos'].map((name) => join(folder, name));
  const from = [`branches.audio=${audio}`, `branches.image=${image}`, 'batchReuse=4', 'view.cutOut=0', 'view.zoom=0.2'];
  const head = await learn('head', 'nature', ...from, 'learns=head', 'steps=300');
  expect(head.metrics.accuracy).toBeGreaterThan(0.9);
  const topics = await learn('topics', 'nature', ...from, 'matchHead=topics', 'learns=scale', 'steps=20');
  expect(topics.metrics.accuracy).toBeGreaterThan(0.9);
  const alike = [`canonical.also=${data}`, 'canonical.ridge=0.1', 'network.headUnits=8'];
  const canonical = await learn(
    'canonical',
    'nature',
    ...from,
    'matchHead=canonical',
    'learns=scale',
    'steps=20',
    ...alike,
  );
  expect(canonical.metrics.accuracy).toBeGreaterThan(0.9);
  for (const [branch, before] of [
    ['audio', sounds],
    ['image', photos],
  ] as const) {
    const weights = ({ checkpoint }: TrainResult) => readFileSync(join(checkpoint, branch, 'weights.bin'));
    expect(weights(head)).toEqual(weights(before));
  }
  const parts = ['audio', 'image', 'match', 'classify-pitch', 'classify-colour'];
  for (const name of ['head', 'canonical']) {
    const bundle = { checkpoint: join(folder, name), out: join(folder, `${name}-bundle`), version: '1' };
    const { files } = await exportBundle(bundle);
    expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining(parts.map((part) => `${part}.onnx`)));
  }
}, 180_000);
