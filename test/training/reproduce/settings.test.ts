import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { resolveConfig, type TrainConfig } from '../../../training/config.ts';
import { modelConfigOf } from '../../../training/model/options.ts';
import { hasBf16 } from '../../../training/ops/conv3x3.ts';
import { findPreset } from '../../../training/presets/index.ts';
import { experiments } from '../../../training/reproduce/experiments/index.ts';
import type { Tools } from '../../../training/reproduce/tools.ts';

const shared = '../shared/data';
const work = mkdtempSync(join(tmpdir(), 'clapper-settings-'));
afterAll(() => rmSync(work, { recursive: true }));

/** These compute themselves, and open what they learn from; bf16 asks for a processor that has it before it trains. */
const own = [
  'mfcc',
  'autoencoder',
  'l3-frozen',
  'photo-numbers',
  'l3-first-steps',
  'real-videos-on-',
  ...(hasBf16() ? [] : ['bf16']),
];
const ofRuns = experiments.filter(({ name }) => !own.some((start) => name.startsWith(start)));

/** Notes what would be trained, and on what. */
function watchedTools(): Tools & { trained: string[][]; asked: string[][] } {
  const trained: string[][] = [];
  const asked: string[][] = [];
  const metrics = Object.fromEntries(
    [
      'accuracy',
      'pairs',
      'precision',
      'recall',
      'f1',
      'rocAuc',
      'macroPrecision',
      'macroRecall',
      'macroF1',
      'calibrationError',
      'pictureTop1',
      'soundTop1',
    ].flatMap((name) => ['', 'Low', 'High'].map((end) => [`${name}${end}`, 0.5])),
  );
  return {
    ...{ trained, asked, work, collections: shared, steps: [], commits: [] },
    collection: (name) => join(shared, name),
    dataset: async (name, args) => {
      asked.push(['prepare', ...args]);
      return join(work, 'data', name);
    },
    train: async (name, args) => {
      trained.push(args);
      return { run: join(work, name), metrics, trainingAccuracy: 0.5 };
    },
    ask: async (args) => {
      asked.push(args);
      return { ...metrics, classifiers: { photo: metrics }, against: { better: 3, of: 4 }, drawings: ['a.svg'] };
    },
    earlierSeconds: () => 0,
    output: { write: () => {} },
  };
}

/** As `clapper train` reads them. */
function configOf(args: string[]): TrainConfig {
  const after = (flag: string) => args[args.indexOf(flag) + 1] as string;
  const changes = args.flatMap((arg, i) => (args[i - 1] === '--set' ? arg : []));
  const from = args.includes('--from') ? [`from=${JSON.stringify(after('--from'))}`] : [];
  const data = args.includes('--data') ? [`data.folder=${JSON.stringify(after('--data'))}`] : [];
  return resolveConfig(findPreset(after('--preset'), undefined), [...data, ...from, ...changes]);
}

describe.skipIf(!existsSync(shared))('every experiment', () => {
  // The report's split is made of a prepared dataset: here it is as if it had been.
  mkdirSync(join(work, 'collections/esc50_first_seconds/meta'), { recursive: true });
  writeFileSync(join(work, 'collections/esc50_first_seconds/meta/esc50.csv'), '');

  test('trains what its settings can make', async () => {
    for (const { name, run } of ofRuns) {
      const tools = watchedTools();
      const { values } = await run(tools);
      expect(tools.trained.length + tools.asked.length, name).toBeGreaterThan(0);
      for (const { name: value, value: number } of values)
        expect(number, `${name}: ${value}`).toEqual(expect.any(Number));
      for (const args of tools.trained) {
        const { network } = configOf(args);
        expect(() => modelConfigOf(network), `${name}: ${args.join(' ')}`).not.toThrow();
      }
      for (const args of tools.asked)
        expect(
          args.every((arg) => typeof arg === 'string'),
          name,
        ).toBe(true);
    }
  });
});

test('every experiment says how long it takes, and has a name of its own', () => {
  expect(new Set(experiments.map(({ name }) => name)).size).toBe(experiments.length);
  for (const { name, minutes, protocol } of experiments) {
    expect(minutes, name).toBeGreaterThan(0);
    expect(protocol.length, name).toBeGreaterThan(20);
  }
});
