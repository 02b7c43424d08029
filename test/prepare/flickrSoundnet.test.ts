import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kinds } from '../../prepare/kinds/index.ts';
import { planSet } from '../../prepare/plan.ts';
import { digestsOf, readPrepared, samplesOf } from './support/dataset.ts';
import { picture, put, tone } from './support/media.ts';
import { prepare } from './support/prepare.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-flickr-'));
const good = join(folder, 'good');
const odd = join(folder, 'odd');
afterAll(() => rmSync(folder, { recursive: true }));

const pairs = 40;
const itemsPerShard = 4;
const planSettings = {
  name: 'pairs',
  kind: 'flickr-soundnet',
  description: '',
  licence: '',
  pairing: 'same-clip' as const,
  sampleRate: 8000,
  shortSide: 256,
  clipSeconds: 10,
  framesPerSecond: 2,
  heldOut: 0.2,
  seed: 0,
  itemsPerShard,
};

beforeAll(async () => {
  for (let i = 0; i < pairs; i++) {
    const stem = join(good, `fold${1 + (i % 3)}`, `clip_${i}`);
    put(`${stem}.jpg`, await picture(`rgb(${6 * i}, 99, ${255 - 6 * i})`, { width: 400, height: 300 }));
    put(`${stem}.wav`, tone({ hz: 200 + 10 * i, seconds: 1 + (i % 3), sampleRate: 8000 }));
  }
});

test('each pair of files becomes one clip with its sound and its picture', async () => {
  const out = join(folder, 'pairs');
  const { dataset, skipped } = await prepare({ kind: 'flickr-soundnet', from: [good], out });
  const { index, read } = readPrepared(out);
  expect(skipped).toEqual([]);
  expect(Object.values(dataset?.counts ?? {}).reduce((sum, { clips }) => sum + clips, 0)).toBe(pairs);
  for (const line of index) {
    const i = Number(line.clip.source.split('_')[1]);
    expect(line.clip.sound?.seconds).toBe(1 + (i % 3));
    const { channels } = await sharp(read(line, line.pictures[0] as { offset: number; bytes: number })).stats();
    expect(Math.abs((channels[0]?.mean ?? 0) - 6 * i)).toBeLessThan(3);
    const wav = samplesOf(read(line, line.sound as { offset: number; bytes: number }));
    const crossings = wav
      .subarray(0, 8000)
      .reduce((sum, x, n) => sum + (n > 0 && x >= 0 !== (wav[n - 1] as number) >= 0 ? 1 : 0), 0);
    expect(Math.abs(crossings / 2 - (200 + 10 * i))).toBeLessThan(3); // over one second
  }
});

test('a clip stays in its split when files are added', async () => {
  const splitsOf = async (root: string) => {
    const listing = await kinds['flickr-soundnet'].list([root], { categoriesFile: null });
    const { shards } = planSet(listing, planSettings);
    return Object.fromEntries(shards.flat().map(({ item, split }) => [item.id, split]));
  };
  const before = await splitsOf(good);
  for (let i = 0; i < 20; i++) {
    put(join(folder, 'added', `fold1/new_${i}.jpg`), '');
    put(join(folder, 'added', `fold1/new_${i}.wav`), '');
  }
  cpSync(good, join(folder, 'added'), { recursive: true });
  const after = await splitsOf(join(folder, 'added'));
  expect(Object.keys(after)).toHaveLength(pairs + 20);
  expect(after).toMatchObject(before);
  expect(new Set(Object.values(before)).size).toBe(3);
});

test('the bytes are the same for any number of workers and parts, and after kills', async () => {
  const from = [good];
  const settings = { itemsPerShard };
  const whole = join(folder, 'whole');
  await prepare({ kind: 'flickr-soundnet', from, out: whole, settings, workers: 1 });

  const parts = join(folder, 'parts');
  for (const number of [3, 1, 7, 6, 2, 4, 5]) {
    await prepare({ kind: 'flickr-soundnet', from, out: parts, settings, workers: 3, part: { number, of: 7 } });
  }
  expect(digestsOf(parts)).toEqual(digestsOf(whole));

  const killed = join(folder, 'killed');
  for (const shards of [1, 4]) await killAfter(shards, ['flickr-soundnet', '--from', good, '--out', killed]);
  expect(readdirSync(killed)).not.toContain('dataset.json');
  const twoAtOnce = [1, 2].map(() => start(['flickr-soundnet', '--from', good, '--out', killed]));
  expect(await Promise.all(twoAtOnce.map(({ ended }) => ended))).toEqual([0, 0]);
  expect(digestsOf(killed)).toEqual(digestsOf(whole));
}, 180_000);

/** The real command, in a process group of its own, so that a kill takes the whole of it. */
function start(args: string[]) {
  const flags = ['--sample-rate', '8000', '--items-per-shard', String(itemsPerShard), '--workers', '1'];
  const command = ['bin/clapper.mjs', 'prepare', ...args, ...flags];
  const child = spawn(process.execPath, command, { detached: true, stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { ended, kill: () => process.kill(-(child.pid as number), 'SIGKILL') };
}

/** Kills the real command and all its threads, once that many shards are written and while it writes the next. */
async function killAfter(shards: number, args: string[]): Promise<void> {
  const { ended, kill } = start(args);
  const written = () => {
    try {
      return readdirSync(join(folder, 'killed/shards')).filter((name) => name.endsWith('.json')).length;
    } catch {
      return 0;
    }
  };
  for (const deadline = Date.now() + 60_000; written() < shards; ) {
    if (Date.now() > deadline) throw new Error('Waited a minute in vain.');
    await sleep(1);
  }
  kill();
  await ended;
}

const colour = 'rgb(200, 40, 90)';

/** Files that may not be used, by why. */
const unusable: Record<string, { jpg?: Buffer; wav?: Buffer; png?: Buffer; names: RegExp }> = {
  'cut-picture': { jpg: Buffer.alloc(0), names: /cut short or damaged/ },
  'empty-picture': { jpg: Buffer.alloc(0), names: /is empty/ },
  'text-as-picture': { jpg: Buffer.from('Not found'), names: /none of them/ },
  'cut-sound': { wav: tone().subarray(0, 5000), names: /cut short/ },
  'empty-sound': { wav: Buffer.alloc(0), names: /is empty/ },
  'text-as-sound': { wav: Buffer.from('<html>Not found</html>'), names: /none of them/ },
  'no-samples': { wav: tone({ seconds: 0 }), names: /no samples/ },
  line: { jpg: await picture('blue', { width: 4, height: 900 }), names: /are a line/ },
  'silent-sound': { wav: tone({ loudness: 0 }), names: /silent/ },
};

test('odd files are used as people see and hear them, broken ones are named', async () => {
  const plain = { jpg: await picture(colour), wav: tone() };
  const cut = await picture(colour, { width: 640, height: 480 });
  unusable['cut-picture'] = { jpg: cut.subarray(0, cut.length / 2), names: /cut short or damaged/ };
  const usable: Record<string, { jpg?: Buffer; wav?: Buffer; png?: Buffer }> = {
    plain: {},
    stereo: { wav: tone({ channels: 2 }) },
    'four-channels': { wav: tone({ channels: 4 }) },
    'at-8-kHz': { wav: tone({ sampleRate: 8000 }) },
    'at-44.1-kHz': { wav: tone({ sampleRate: 44_100 }) },
    cmyk: { jpg: await sharp(plain.jpg).toColourspace('cmyk').jpeg().toBuffer() },
    'sixteen-bits': { png: await sharp(plain.jpg).toColourspace('rgb16').png().toBuffer() },
    turned: { jpg: await sharp(plain.jpg).withMetadata({ orientation: 6 }).toBuffer() },
    grey: { jpg: await sharp(plain.jpg).greyscale().jpeg().toBuffer() },
    small: { jpg: await picture(colour, { width: 64, height: 48 }) },
    large: { jpg: await picture(colour, { width: 4000, height: 1000 }) },
  };
  for (const [stem, { png, ...files }] of Object.entries({ ...usable, ...unusable })) {
    const { jpg, wav } = { ...plain, ...files };
    put(join(odd, 'pairs', `${stem}.${png ? 'png' : 'jpg'}`), png ?? jpg);
    put(join(odd, 'pairs', `${stem}.wav`), wav);
  }
  put(join(odd, 'pairs', 'alone.jpg'), plain.jpg);

  const out = join(folder, 'odd-out');
  const attempt = prepare({ kind: 'flickr-soundnet', from: [odd], out, settings: { heldOut: 0 } });
  await expect(attempt).rejects.toThrow(/files cannot be used, more than the 1 % that --max-bad allows/);
  await prepare({ kind: 'flickr-soundnet', from: [odd], out, settings: { heldOut: 0 }, maxBad: 0.5 });

  const { index, skipped, read } = readPrepared(out);
  for (const [stem, { names }] of Object.entries(unusable)) {
    expect(skipped.find(({ file }) => file.startsWith(`pairs/${stem}`))?.reason, stem).toMatch(names);
  }
  expect(skipped.find(({ file }) => file === 'pairs/alone.jpg')?.reason).toMatch(/no sound of the same name/);
  expect(skipped.filter(({ broken }) => !broken).map(({ file }) => file)).toEqual(['pairs/silent-sound']);
  expect(skipped).toHaveLength(Object.keys(unusable).length + 1);
  expect(index.map(({ clip }) => clip.source).sort()).toEqual(
    Object.keys(usable)
      .map((stem) => `pairs/${stem}`)
      .sort(),
  );

  const sizes = Object.fromEntries(index.map(({ clip }) => [clip.source.slice(6), clip.pictures[0]]));
  expect(sizes).toMatchObject({
    plain: { width: 341, height: 256 },
    turned: { width: 256, height: 341 },
    small: { width: 341, height: 256 },
    large: { width: 1024, height: 256 },
  });
  for (const line of index) {
    const stem = line.clip.source.slice(6);
    const jpeg = read(line, line.pictures[0] as { offset: number; bytes: number });
    const { channels } = await sharp(jpeg).stats();
    expect(await sharp(jpeg).metadata(), stem).toMatchObject({
      format: 'jpeg',
      space: 'srgb',
      channels: 3,
      depth: 'uchar',
    });
    const expected = stem === 'grey' ? [103, 103, 103] : [200, 40, 90];
    // No printing ink is that pink: CMYK's is a little duller.
    const tolerance = stem === 'cmyk' ? 40 : stem === 'grey' ? 20 : 4;
    for (const [i, { mean }] of channels.entries())
      expect(Math.abs(mean - (expected[i] as number)), stem).toBeLessThan(tolerance);

    const wav = samplesOf(read(line, line.sound as { offset: number; bytes: number }));
    expect(wav.length, stem).toBe(16_000); // 2 s at 8 kHz
    const loudness = Math.sqrt(wav.reduce((sum, x) => sum + x * x, 0) / wav.length);
    expect(Math.abs(loudness - 0.5 / Math.SQRT2), stem).toBeLessThan(0.01);
  }
});

test('a set of which no negative can be drawn is refused with the reason', async () => {
  const one = join(folder, 'one');
  put(join(one, 'a.jpg'), await picture('red'));
  put(join(one, 'a.wav'), tone());
  const attempt = prepare({
    kind: 'flickr-soundnet',
    from: [one],
    out: join(folder, 'one-out'),
    settings: { heldOut: 0 },
  });
  await expect(attempt).rejects.toThrow(/all of one source, so no mismatched pair can be drawn/);
});

test('a begun dataset is not gone on with under other settings or with other files', async () => {
  const out = join(folder, 'begun');
  await prepare({
    kind: 'flickr-soundnet',
    from: [good],
    out,
    settings: { itemsPerShard },
    part: { number: 1, of: 2 },
  });
  const again = (from: string, settings: object) => prepare({ kind: 'flickr-soundnet', from: [from], out, settings });
  await expect(again(good, { itemsPerShard, seed: 1 })).rejects.toThrow(/begun with other settings \(seed\)/);
  await expect(again(join(good, 'fold1'), { itemsPerShard })).rejects.toThrow(/files are not those/);
  put(join(folder, 'other', 'thesis.txt'), 'mine');
  const into = prepare({ kind: 'flickr-soundnet', from: [good], out: join(folder, 'other') });
  await expect(into).rejects.toThrow(/holds thesis.txt/);
  expect(readFileSync(join(folder, 'other', 'thesis.txt'), 'utf8')).toBe('mine');
});

test('the fixed pairs are balanced, each clip stands in as many as any other, and no sound or picture only in one kind', async () => {
  const out = join(folder, 'balanced');
  await prepare({ kind: 'flickr-soundnet', from: [good], out, settings: { heldOut: 0.25 } });
  const { index, pairs, dataset } = readPrepared(out);
  const clips = new Map(index.map(({ clip }) => [clip.key, clip]));
  for (const split of ['validation', 'test'] as const) {
    const list = pairs[split];
    expect(list.length).toBeGreaterThanOrEqual(1000);
    expect(list).toHaveLength(dataset.counts[split].pairs);
    expect(list.filter(({ corresponds }) => corresponds)).toHaveLength(list.length / 2);
    const own = index.filter(({ clip }) => clip.split === split);
    for (const { clip } of own) {
      for (const side of ['sound', 'picture'] as const) {
        const kinds = list.filter((pair) => pair[side].key === clip.key).map(({ corresponds }) => corresponds);
        expect(kinds.filter((corresponds) => corresponds)).toHaveLength(list.length / 2 / own.length);
        expect(kinds.filter((corresponds) => !corresponds)).toHaveLength(list.length / 2 / own.length);
      }
    }
    for (const { sound, picture, corresponds } of list) {
      expect(clips.get(sound.key)?.source === clips.get(picture.key)?.source).toBe(corresponds);
      expect(sound.startSeconds + 1).toBeLessThanOrEqual(clips.get(sound.key)?.sound?.seconds ?? 0);
    }
  }
});
