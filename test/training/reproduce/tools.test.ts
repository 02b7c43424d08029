import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commitsOf, writeAllTables } from '../../../training/reproduce/reproduce.ts';
import { createTools, Stopped } from '../../../training/reproduce/tools.ts';
import { picture, put, tone } from '../../prepare/support/media.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

const quiet = { write: () => {} };

test('results that are written elsewhere leave the README as it is: it shows the repository’s own', async () => {
  const before = readFileSync('README.md', 'utf8');
  await writeAllTables(join(folder, 'results'));
  expect(readFileSync('README.md', 'utf8')).toBe(before);
  expect(existsSync(join(folder, 'results', 'README.md'))).toBe(true);
});

test('a result has the commits that its runs ended with beside its own; where one is not known, none', () => {
  expect(commitsOf(['a', 'b', 'a'])).toBe('a and b');
  expect(commitsOf(['a', 'a'])).toBe('a');
  expect(commitsOf([null, 'a'])).toBeNull();
});

test('a dataset of other collections, or prepared otherwise, is not taken for the one that is asked for', async () => {
  for (const data of ['here', 'there']) {
    for (const [colour, hz] of [
      ['red', 300],
      ['blue', 500],
    ] as const) {
      const stem = join(folder, data, 'clips', colour);
      put(`${stem}.jpg`, await picture(colour, { width: 40, height: 30 }));
      put(`${stem}.wav`, tone({ hz, seconds: 1, sampleRate: 8000, loudness: 0.3 }));
    }
  }
  const ask = (data: string, shortSide: number) => {
    const tools = createTools({ data: join(folder, data), work: join(folder, 'work'), output: quiet });
    const side = ['--held-out', '0', '--sample-rate', '8000', '--short-side', `${shortSide}`];
    return tools.dataset('clips', ['flickr-soundnet', '--from', tools.collection('clips'), ...side]);
  };
  expect(await ask('here', 32)).toBe(join(folder, 'work', 'data', 'clips'));
  expect(await ask('here', 32)).toBe(join(folder, 'work', 'data', 'clips'));
  await expect(ask('there', 32)).rejects.toThrow(
    /Expected .*clips to be made by .* in .*there but it was by .* in .*here\. .*--work/,
  );
  await expect(ask('here', 24)).rejects.toThrow(/short-side 24.* but it was by .*short-side 32/);
}, 60_000);

test('a run whose reproduction is stopped by SIGTERM is stopped too, and saves', async () => {
  const known = process.listeners('SIGTERM');
  const tools = createTools({ data: folder, work: join(folder, 'runs'), output: quiet });
  const settings = ['steps=100000', 'saveEvery=2', 'evalEvery=100000', 'batchSize=8', 'network.channels=[4,4]'];
  const run = tools.train('digits', ['--preset', 'digits', ...settings.flatMap((setting) => ['--set', setting])]);
  const stopped = expect(run).rejects.toBeInstanceOf(Stopped);
  const place = join(folder, 'runs', 'digits');
  while (!existsSync(place) || !readdirSync(place).some((name) => /^step-\d+$/.test(name)))
    await new Promise((resolve) => setTimeout(resolve, 20));
  const [own] = process.listeners('SIGTERM').filter((listener) => !known.includes(listener));
  own?.('SIGTERM');
  await stopped;
  expect(process.listeners('SIGTERM')).toEqual(known);
  const saved = readdirSync(place).filter((name) => /^step-\d+$/.test(name));
  expect(existsSync(join(place, saved.at(-1) as string, 'state.json'))).toBe(true);
  expect(readdirSync(place)).toContain('reproduce-time.json');
}, 60_000);
