import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { InputError } from '#core/errors.ts';
import { explainWriting } from '../../../training/run/explainStop.ts';
import { preparedSettings, preparePairs } from '../support/preparedPairs.ts';
import { outcome, trainSmall } from '../support/smallRun.ts';

// Before what writes: TensorFlow.js takes its functions from Node when it is loaded.
const { fullDisk } = await vi.hoisted(() => import('./support/fullDisk.ts'));

const folder = mkdtempSync(join(tmpdir(), 'clapper-failures-'));
const whole = join(folder, 'whole');
let expected: Record<string, string>;
beforeAll(async () => {
  await trainSmall(whole, { stopAfter: 8 });
  expected = outcome(whole, 9);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns the error that the run stops with. */
async function failure(run: Promise<unknown>): Promise<Error> {
  return run.then(
    () => new Error('The run went through.'),
    (error) => error,
  );
}

describe('a full disk', () => {
  afterEach(() => {
    fullDisk.paths = null;
  });

  test.each([
    ['the weights', /step-6.*image.weights\.bin/],
    ['the state', /step-6.*state\.json/],
    ['the metrics', /metrics\.jsonl$/],
    ["TensorBoard's file", /tfevents/],
  ])(
    'at %s: the run says so and which checkpoint is left, leaves no rest, and once there is room it goes on',
    async (what, paths) => {
      const run = join(folder, `full at ${what}`);
      const error = await failure(
        trainSmall(run, {
          onText: (text) => {
            if (text.includes('step 4 of')) fullDisk.paths = paths;
          },
        }),
      );
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/disk is full \(\d+ .?B free\)/);
      expect(error.message).toContain(`${join(run, 'step-3')}; the same command with --resume`);
      expect(readdirSync(run).filter((name) => name.includes('.unfinished'))).toEqual([]);

      fullDisk.paths = null;
      await trainSmall(run, { resume: true, stopAfter: 8 });
      expect(outcome(run, 9)).toEqual(expected);
    },
  );
});

describe('a damaged checkpoint', () => {
  const begun = join(folder, 'begun');
  beforeAll(async () => {
    await trainSmall(begun, { stopAfter: 5 });
    expect(readdirSync(begun).filter((name) => name.startsWith('step-'))).toEqual(['step-3', 'step-6']);
  });

  const damages: [string, (checkpoint: string) => void][] = [
    ['cut weights', (checkpoint) => truncateSync(join(checkpoint, 'audio/weights.bin'), 100)],
    ['a cut optimizer', (checkpoint) => truncateSync(join(checkpoint, 'optimizer.bin'), 100)],
    ['an empty state', (checkpoint) => truncateSync(join(checkpoint, 'state.json'), 0)],
    ['broken JSON', (checkpoint) => overwrite(join(checkpoint, 'image/model.json'))],
    ['a missing model', (checkpoint) => rmSync(join(checkpoint, 'match'), { recursive: true })],
  ];
  const overwrite = (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"', ' '));

  test.each(damages)('with %s is told in one line and set aside; the one before is used', async (what, damage) => {
    const run = join(folder, what);
    cpSync(begun, run, { recursive: true });
    damage(join(run, 'step-6'));
    const { text } = await trainSmall(run, { resume: true, stopAfter: 8 });
    const told = text.split('\n').filter((line) => line.includes('step-6'));
    expect(told).toEqual([expect.stringMatching(/^Going on from step 3; set aside as .*step-6\.damaged: ./)]);
    expect(existsSync(join(run, 'step-6.damaged'))).toBe(true);
    expect(outcome(run, 9)).toEqual(expected);
  });

  test('where no other is left, the run names each and its damage, and changes nothing', async () => {
    const run = join(folder, 'all damaged');
    cpSync(begun, run, { recursive: true });
    truncateSync(join(run, 'step-3/audio/weights.bin'), 100);
    rmSync(join(run, 'step-6/state.json'));
    const before = readdirSync(run);
    const { message } = await failure(trainSmall(run, { resume: true }));
    expect(message).toMatch(/step-6: .*state\.json.*\n {2}step-3: .*weights\.bin of \d+ bytes but it has 100/);
    expect(readdirSync(run)).toEqual(before);
  });
});

test('a shard that is cut short while the run reads it is named, with the checkpoint that is left', async () => {
  const data = join(folder, 'data');
  await preparePairs(data, { clips: 20 });
  const shards = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tar'));
  const run = join(folder, 'cut shard');
  const error = await failure(
    trainSmall(run, {
      preset: 'small',
      settings: preparedSettings(data),
      onText: (text) => {
        if (text.includes('step 4 of')) for (const shard of shards) truncateSync(join(data, shard), 1000);
      },
    }),
  );
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/\.tar but the file ends \d+ bytes before/);
  expect(error.message).toContain(`${join(run, 'step-3')}; the same command with --resume`);
});

test('what cannot be written in a run’s folder is told as such however the folder is named, and of no other', async () => {
  const told = (path: string, runDir: string) =>
    explainWriting(Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS', path }), runDir);
  for (const runDir of ['runs/a', './runs/a', 'runs/a/', resolve('runs/a')]) {
    for (const path of ['runs/a/config.json', resolve('runs/a/step-3.unfinished-host-1'), 'runs/a']) {
      expect((await told(path, runDir))?.message).toBe(
        `Expected to write to ${runDir} but EROFS: read-only file system.`,
      );
    }
    expect(await told(resolve('runs/ab/config.json'), runDir)).toBeNull();
  }
});
