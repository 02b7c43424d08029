import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWav } from '../core/media/support/makeWav.ts';
import { runClapper } from './support/clapper.ts';
import { readDigitFiles } from './support/digits.ts';

let folder: string;
const path = (name: string) => join(folder, name);
const match = (audio: string, image: string, ...rest: string[]) => {
  return runClapper(['match', '--bundle', 'models/digits', '--audio', audio, '--image', image, ...rest]);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-match-'));
  const { spoken, written } = await readDigitFiles();
  await writeFile(path('three.wav'), spoken[3] as Uint8Array);
  await writeFile(path('three.png'), written[3] as Uint8Array);
  await writeFile(path('seven.png'), written[7] as Uint8Array);
  await writeFile(path('text.png'), 'a cat');
  await writeFile(path('empty.wav'), '');
  await writeFile(path('cut.ogg'), (await readFile('test/fixtures/sounds/tone.ogg')).subarray(0, 2500));
});
afterAll(() => rm(folder, { recursive: true }));

test('a spoken three matches a written three, and no seven', async () => {
  const same = await match(path('three.wav'), path('three.png'), '--json');
  const other = await match(path('three.wav'), path('seven.png'), '--json');
  expect([same.stderr, same.exitCode, other.exitCode]).toEqual(['', 0, 0]);
  const answer = JSON.parse(same.stdout);
  expect(Object.keys(answer)).toEqual(['bundle', 'score', 'windows', 'notes']);
  expect(answer).toEqual({
    bundle: 'digits',
    score: answer.score,
    windows: [{ startSeconds: 0, score: answer.score }],
    notes: [],
  });
  expect(answer.score).toBeGreaterThan(0.5);
  expect(JSON.parse(other.stdout).score).toBeLessThan(0.5);
});

test('people read a sentence', async () => {
  const { stdout, stderr } = await match(path('three.wav'), path('three.png'));
  expect(stdout).toMatch(/^ {2}They belong together: score [01]\.\d+\.\n$/);
  expect(stderr).toBe('');
});

test('what is odd about a sound, and that nothing learnt is like it, is said on stderr', async () => {
  const wave = new Float32Array(4000).map((_, n) => 0.5 * Math.sin(n / 5));
  await writeFile(path('inverted.wav'), makeWav({ channels: [wave, wave.map((value) => -0.8 * value)] }));
  const { stdout, stderr, exitCode } = await match(path('inverted.wav'), path('three.png'), '--json');
  const note = 'audio: Its 2 channels cancel each other; channel 1 alone is heard.';
  const strange = 'audio: nothing that the model learnt from is like it, so that what is said of it counts for little';
  expect([exitCode, stderr, JSON.parse(stdout).notes]).toEqual([
    0,
    `Note: ${note}\nNote: ${strange}\n`,
    [note, strange],
  ]);
});

describe('what cannot be asked ends with exit 1 and a message', () => {
  test.each<[string, () => string[], RegExp]>([
    [
      'an unknown bundle',
      () => ['--bundle', 'models/letters', '--audio', path('three.wav'), '--image', path('three.png')],
      /Expected a bundle in models\/letters .*clapper export/,
    ],
    [
      'no such file',
      () => ['--bundle', 'models/digits', '--audio', path('four.wav'), '--image', path('three.png')],
      /Expected a file at .*four\.wav but it does not exist/,
    ],
    [
      'a text as picture',
      () => ['--bundle', 'models/digits', '--audio', path('three.wav'), '--image', path('text.png')],
      /image: .*JPEG, PNG or WebP/,
    ],
    [
      'an empty sound',
      () => ['--bundle', 'models/digits', '--audio', path('empty.wav'), '--image', path('three.png')],
      /audio: .*empty/,
    ],
    [
      'a truncated ogg',
      () => ['--bundle', 'models/digits', '--audio', path('cut.ogg'), '--image', path('three.png')],
      /audio: .*cut short/,
    ],
  ])('%s', async (_, args, message) => {
    const { exitCode, stdout, stderr } = await runClapper(['match', '--json', ...args()]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: .*\n$/);
    expect(stdout).toBe('');
    expect(exitCode).toBe(1);
  });
});

test('a wrong flag ends with exit 2 and names the right one', async () => {
  const { exitCode, stderr } = await match(path('three.wav'), path('three.png'), '--jason');
  expect(stderr).toMatch(/--json/);
  expect(exitCode).toBe(2);
});
