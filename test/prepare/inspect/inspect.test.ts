import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawSamples } from '../../../prepare/inspect/samples.ts';
import { spectrogramPicture } from '../../../prepare/inspect/spectrogramPicture.ts';
import { picture, put, tone } from '../support/media.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-inspect-'));
const [from, out] = [join(folder, 'pairs'), join(folder, 'dataset')];
afterAll(() => rmSync(folder, { recursive: true }));

function clapper(...args: string[]) {
  return spawnSync(process.execPath, ['bin/clapper.mjs', ...args], { encoding: 'utf8' });
}

beforeAll(async () => {
  for (let i = 0; i < 8; i++) {
    put(join(from, `train/<b>${i}.jpg`), await picture('teal', { width: 64, height: 48 }));
    put(join(from, `train/<b>${i}.wav`), tone({ hz: 300 + 50 * i, seconds: 1.5, sampleRate: 8000 }));
  }
  put(join(from, 'train/broken.jpg'), 'Not found');
  put(join(from, 'train/broken.wav'), tone({ sampleRate: 8000 }));
  const settings = ['--sample-rate', '8000', '--max-bad', '10', '--licence', 'CC BY 4.0', '--name', 'tones', '--json'];
  const { status, stdout, stderr } = clapper('prepare', 'flickr-soundnet', '--from', from, '--out', out, ...settings);
  expect(stderr).toMatch(/preparing 9 of 9/);
  expect({ status, result: JSON.parse(stdout) }).toMatchObject({
    status: 0,
    result: { dataset: { counts: { train: { clips: 8 } } }, skipped: [{ file: 'train/broken.jpg' }] },
  });
});

test('inspect tells what the dataset holds, for people and as JSON', () => {
  const { status, stdout } = clapper('inspect', out, '--json', '--count', '4');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'tones',
    kind: 'flickr-soundnet',
    licence: 'CC BY 4.0',
    splits: { train: { clips: 8, sources: 8, sounds: 8, pictures: 8, hours: 0.003 }, test: { clips: 0 } },
    skipped: 1,
  });
  const people = clapper('inspect', out, '--count', '4');
  for (const fact of ['CC BY 4.0', 'train: 8 clips', 'Left out: 1', 'contact-sheet.html'])
    expect(people.stdout).toContain(fact);
});

test('the contact sheet shows matching and mismatched pairs, and needs no other file', () => {
  const html = readFileSync(join(out, 'contact-sheet.html'), 'utf8');
  expect(html).not.toMatch(/(src|href)="(?!data:)/);
  expect(html).not.toContain('<b>'); // names are text
  const [matching, mismatched] = html
    .split('<h2>Mismatched</h2>')
    .map((part) => Array.from(part.matchAll(/<figcaption>(.*?)<br>(.*?) from/gs), ([, seen, heard]) => seen === heard));
  expect(matching).toEqual([true, true, true, true]);
  expect(mismatched).toEqual([false, false, false, false]);
});

test('a split without clips is refused, with those that have some; clips that cannot be paired stand alone', async () => {
  const { status, stderr } = clapper('inspect', out, '--split', 'test');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error: Expected clips in the test split .* Look at another with --split: train\./);
  const [first = ''] = readFileSync(join(out, 'index.jsonl'), 'utf8').split('\n');
  const lines = [JSON.parse(first)];
  const info = JSON.parse(readFileSync(join(out, 'dataset.json'), 'utf8'));
  const shards = info.shards.map(({ file }: { file: string }) => join(out, file));
  const { matching, mismatched } = drawSamples({ info, lines, shards }, { count: 4, seed: 0 });
  expect([matching.length, mismatched.length]).toEqual([1, 0]);
});

test('the spectrogram of a tone is bright at its frequency alone, low ones at the bottom', async () => {
  const waveform = Float32Array.from({ length: 8000 }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 1000 * n) / 8000));
  const { data, info } = await sharp(await spectrogramPicture(waveform, 8000))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const brightness = Array.from({ length: info.height }, (_, y) =>
    data
      .subarray(info.channels * y * info.width, info.channels * (y + 1) * info.width)
      .reduce((sum, value) => sum + value, 0),
  );
  const row = brightness.indexOf(Math.max(...brightness));
  expect((info.height - 1 - row) / (info.height - 1)).toBeCloseTo(1000 / 4000, 1);
  expect(brightness[0]).toBeLessThan((brightness[row] as number) / 2);
});

test.each([
  [['prepare', 'flickr', '--out', 'x'], 2, /Allowed choices are av-clips, by-class/],
  [['prepare', 'esc50', '--out', 'x', '--shard', '5/4'], 2, /Expected i\/n/],
  [['prepare', 'esc50', '--from', '/nowhere', '--out', join(folder, 'x')], 1, /Expected a folder at \/nowhere/],
  [
    ['prepare', 'videos', '--from', folder, '--out', join(folder, 'x')],
    1,
    /Found nothing to prepare for videos|FFmpeg/,
  ],
  [['inspect', folder], 1, /Expected a prepared dataset at .*npx clapper prepare/],
])('clapper %s says what is wrong', (args, code, message) => {
  const { status, stderr } = clapper(...args);
  expect(stderr).toMatch(message);
  expect(status).toBe(code);
});
