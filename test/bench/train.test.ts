import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSyntheticDataset } from '../../bench/data/syntheticDataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-bench-'));
const cli = ['--import', 'tsx', join(import.meta.dirname, '../../cli.ts'), 'bench', 'train'];

beforeAll(() =>
  writeSyntheticDataset(folder, {
    clips: 12,
    picturesPerClip: 2,
    secondsPerClip: 2,
    sampleRate: 48_000,
    shortSide: 256,
    clipsPerShard: 5,
    seed: 1,
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['clapper', ['memory', 'loader', 'memory']],
  ['tfjs', ['memory', 'memory']],
])(
  'the trainer that is measured (%s) answers each question with how many steps took how long, and ends with its input',
  async (trainer, questions) => {
    const request = { trainer, preset: 'l3', folder, width: 0.05, stemStride: 2, batchSize: 2 };
    const main = join(import.meta.dirname, '../../training/bench/main.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', main, JSON.stringify(request)]);
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (const from of questions) {
      child.stdin.write(`${JSON.stringify({ steps: 2, from })}\n`);
      const { steps, seconds } = JSON.parse((await answers.next()).value);
      expect(steps).toBe(2);
      expect(seconds).toBeGreaterThan(0);
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  },
  60_000,
);

test('without Python the bench says what it needs', () => {
  const env = { ...process.env, PATH: folder, CLAPPER_CACHE: join(folder, 'cache') };
  const { status, stderr, stdout } = spawnSync(process.execPath, cli, { env, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('error: Expected to install torch');
});

test.each([
  ['--stem-stride', '3', 'Allowed choices are 1, 2'],
  ['--width', '0', 'Expected a number above 0'],
  ['--steps', 'many', 'Expected a whole number above 0'],
])('%s %s is wrong usage', (flag, value, message) => {
  const { status, stderr } = spawnSync(process.execPath, [...cli, flag, value], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});
