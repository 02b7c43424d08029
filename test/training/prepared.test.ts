import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveConfig } from '../../training/config.ts';
import type { CorrespondenceConfig } from '../../training/correspondence/config.ts';
import { findPreset } from '../../training/presets/index.ts';
import type { TrainResult } from '../../training/run/trainOptions.ts';
import { train } from '../../training/train.ts';
import { picture, put, tone } from '../prepare/support/media.ts';
import { prepare } from '../prepare/support/prepare.ts';
import { tinySpectrogram } from './support/tinySpectrogram.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-prepared-'));
const data = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true }));

/** Sixteen colours, each with its own pitch: what there is to learn. */
beforeAll(async () => {
  for (let i = 0; i < 160; i++) {
    const kind = i % 16;
    const stem = join(folder, 'pairs', `clip-${i}`);
    put(`${stem}.jpg`, await picture(`hsl(${kind * 22}, 90%, ${40 + (i % 3) * 10}%)`, { width: 40, height: 30 }));
    put(
      `${stem}.wav`,
      tone({ hz: 200 * 1.2 ** kind, seconds: 2, sampleRate: 8000, loudness: 0.2 + (i % 5) * 0.1, rhythm: i }),
    );
  }
  const settings = { shortSide: 32, heldOut: 0.2 };
  await prepare({ kind: 'flickr-soundnet', from: [join(folder, 'pairs')], out: data, settings });
});

const settings = [
  `data.folder=${data}`,
  'steps=120',
  'logEvery=10',
  'evalEvery=40',
  'saveEvery=40',
  'batchSize=16',
  'matchesPerClip=4',
  'learningRate=4e-3',
  ...tinySpectrogram,
  'pictureSize=28',
  'pictureShortSide=32',
  'network.channels=[32,64,64]',
  'audioGrid=[1,1]',
  'imageGrid=[1,1]',
];

function learn(name: string, ...changes: string[]): Promise<TrainResult> {
  return train({
    config: resolveConfig(findPreset('small', undefined), [...settings, ...changes]) as CorrespondenceConfig,
    runDir: join(folder, name),
    resume: false,
    commit: null,
    output: { write: () => {} },
    signal: new AbortController().signal,
  });
}

const linesOf = (name: string) =>
  readFileSync(join(folder, name, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('from pairs alone the network learns which pitch belongs to which colour, and judges clips that it never met', async () => {
  const { metrics, finished } = await learn('run');
  expect(finished).toBe(true);
  expect(metrics.accuracy).toBeGreaterThan(0.85); // mismatched pairs of one colour, 1 in 16, cannot be told
  const lines = linesOf('run');
  expect(lines.filter(({ split }) => split === 'validation').map(({ step }) => step)).toEqual([40, 80, 120]);
  expect(lines.filter(({ split }) => split === 'test')).toHaveLength(1);
}, 120_000);
