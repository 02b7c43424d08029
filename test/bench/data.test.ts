import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { indexLineSchema, preparedDatasetSchema } from '#core/datasets/prepared.ts';
import { writeSyntheticDataset } from '../../bench/data/syntheticDataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-bench-'));
const sampleRate = 8000;

beforeAll(() =>
  writeSyntheticDataset(folder, {
    clips: 12,
    picturesPerClip: 2,
    secondsPerClip: 3,
    sampleRate,
    shortSide: 256,
    clipsPerShard: 5,
    seed: 1,
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

const lines = () =>
  readFileSync(join(folder, 'index.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => indexLineSchema.parse(JSON.parse(line)));

test('what is measured with is a prepared dataset: tar finds in its shards the files that the index says, byte for byte', () => {
  preparedDatasetSchema.parse(JSON.parse(readFileSync(join(folder, 'dataset.json'), 'utf8')));
  const shards = readdirSync(join(folder, 'shards')).sort();
  expect(shards).toHaveLength(3);
  for (const { shard, clip, sound, pictures } of lines()) {
    const file = join(folder, 'shards', shards[shard] as string);
    const tar = readFileSync(file);
    for (const [name, member] of [
      [`${clip.key}.wav`, sound],
      ...pictures.map((m, i) => [`${clip.key}.${i}.jpg`, m]),
    ] as const) {
      const { offset, bytes } = member as { offset: number; bytes: number };
      const extracted = execFileSync('tar', ['-xOf', file, name as string]);
      expect(tar.subarray(offset, offset + bytes).equals(extracted)).toBe(true);
      expect(readFileSync(join(folder, 'loose', name as string)).equals(extracted)).toBe(true);
    }
  }
});

test('its pictures weigh what photos of their size do', async () => {
  const files = readdirSync(join(folder, 'loose')).filter((name) => name.endsWith('.jpg'));
  const bits = await Promise.all(
    files.map(async (name) => {
      const bytes = readFileSync(join(folder, 'loose', name));
      const { width, height } = await sharp(bytes).metadata();
      return (8 * bytes.length) / (width * height);
    }),
  );
  const mean = bits.reduce((sum, value) => sum + value, 0) / bits.length;
  expect(mean).toBeGreaterThan(1); // photos of 256 pixels at this quality: 1.5 bits a pixel, in a set of real videos
  expect(mean).toBeLessThan(2.5);
});

test('the loader that is measured answers each request with how many pairs took how long, and ends with its input', async () => {
  const request = { folder, batchSize: 4, workers: 2, ahead: 2, samples: 8000, size: 224 };
  const main = join(import.meta.dirname, '../../training/data/loader/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, JSON.stringify(request)]);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (const [asked, given] of [
    [8, 8],
    [5, 8],
  ]) {
    child.stdin.write(`${asked}\n`);
    const { pairs, seconds } = JSON.parse((await answers.next()).value);
    expect(pairs).toBe(given);
    expect(seconds).toBeGreaterThan(0);
  }
  child.stdin.end();
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
});

test('without Python the bench says what it needs', () => {
  const cli = ['--import', 'tsx', join(import.meta.dirname, '../../cli.ts'), 'bench', 'data'];
  const env = { ...process.env, PATH: folder, CLAPPER_CACHE: join(folder, 'cache') };
  const { status, stderr, stdout } = spawnSync(process.execPath, cli, { env, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('error: Expected to install torch');
  expect(stderr).toContain('python3 with venv and pip');
});

test('a number of pairs that is none is wrong usage', () => {
  const cli = ['--import', 'tsx', join(import.meta.dirname, '../../cli.ts'), 'bench', 'data', '--pairs', 'many'];
  const { status, stderr } = spawnSync(process.execPath, cli, { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('--pairs');
});
