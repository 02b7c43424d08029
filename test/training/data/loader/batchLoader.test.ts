import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPairSampler, type DrawnBatch } from '#core/datasets/pairs/sampler.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { prepareImage } from '#core/media/image.ts';
import { openPreparedSplit, type PreparedSplit } from '#node/datasets/preparedSplit.ts';
import { writeSyntheticDataset } from '../../../../bench/data/syntheticDataset.ts';
import { noAugmentation, publishedAugmentation } from '../../../../training/data/loader/augmentation.ts';
import {
  type BatchLoader,
  type BatchLoaderOptions,
  type LoadedBatch,
  startBatchLoader,
} from '../../../../training/data/loader/batchLoader.ts';

const folder = mkdtempSync(join(tmpdir(), 'clapper-loader-'));
const dataset = join(folder, 'dataset');
const sampleRate = 8000;
const samples = 8000;
let split: PreparedSplit;

beforeAll(async () => {
  const size = { clips: 30, picturesPerClip: 2, secondsPerClip: 3, sampleRate, shortSide: 64, clipsPerShard: 10 };
  await writeSyntheticDataset(dataset, { ...size, seed: 0 });
  split = await openPreparedSplit(dataset, 'train');
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(changes: Partial<BatchLoaderOptions> = {}, from = split): BatchLoader<DrawnBatch> {
  const sampler = createPairSampler(
    from.lines.map(({ clip }) => clip),
    from.info.pairing,
    {
      batchSize: 10,
      momentsPerClip: 1,
      matchesPerClip: 1,
      hardNegatives: { share: 0, warmupBatches: 0 },
      sampleRate,
      samples,
      randomSecond: true,
      seed: 5,
    },
  );
  return startBatchLoader(from, sampler, {
    batchSize: 10,
    workers: 2,
    ahead: 2,
    firstStep: 0,
    samples,
    image: { width: 56, height: 48, shortSide: 64 },
    augmentation: publishedAugmentation,
    seed: 5,
    ...changes,
  });
}

const digest = ({ step, waveforms, pictures, drawn }: LoadedBatch<DrawnBatch>) => {
  const hash = createHash('sha256').update(waveforms).update(pictures).update(JSON.stringify(drawn.pairs));
  return `${step} ${hash.digest('hex')}`;
};

async function digests(changes: Partial<BatchLoaderOptions>, steps: number): Promise<string[]> {
  const loader = start(changes);
  const results: string[] = [];
  while (results.length < steps) results.push(digest(await loader.next()));
  await loader.close();
  return results;
}

test('the batches are the same, byte for byte, with any number of threads, any number ahead, and after a resume', async () => {
  const whole = await digests({ workers: 1 }, 9);
  expect(new Set(whole).size).toBe(9);
  expect(await digests({ workers: 2, ahead: 1 }, 9)).toEqual(whole);
  expect(await digests({ workers: 3, ahead: 5 }, 9)).toEqual(whole);
  expect(await digests({ firstStep: 4 }, 5)).toEqual(whole.slice(4));
  expect(await digests({ seed: 6 }, 9)).not.toEqual(whole);
});

test('without augmentation a row is the very second of its wav file, and the middle of its picture as libvips decodes it', async () => {
  const loader = start({ augmentation: noAugmentation });
  for (let step = 0; step < 3; step++) {
    const { waveforms, pictures, drawn } = await loader.next();
    for (const [row, { clip, startSample }] of drawn.sounds.entries()) {
      const waveform = await decodeAudio(readFileSync(join(dataset, `loose/${clip.key}.wav`)), { sampleRate });
      const window = waveform.subarray(startSample, startSample + samples);
      expect(waveforms.subarray(row * samples, (row + 1) * samples)).toEqual(window);
    }
    for (const [row, { clip, picture }] of drawn.pictures.entries()) {
      const { width = 0, height = 0 } = clip.pictures[picture] ?? {};
      const middle = { left: Math.floor((width - 56) / 2), top: Math.floor((height - 48) / 2), width: 56, height: 48 };
      const file = join(dataset, `loose/${clip.key}.${picture}.jpg`);
      const expected = await sharp(file).extract(middle).raw().toBuffer();
      const shown = pictures.subarray(row * expected.length, (row + 1) * expected.length);
      const differences = shown.map((value, i) => Math.abs(value - (expected[i] as number)));
      expect(Math.max(...differences)).toBeLessThanOrEqual(3); // decoders may round differently
    }
  }
  await loader.close();
});

test('a picture smaller than the model’s short side is enlarged to it, as a server does it', async () => {
  const loader = start({ augmentation: noAugmentation, image: { width: 100, height: 100, shortSide: 128 } });
  const { pictures, drawn } = await loader.next();
  const { clip, picture } = drawn.pictures[0] as (typeof drawn.pictures)[number];
  const file = join(dataset, `loose/${clip.key}.${picture}.jpg`);
  const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const input = { width: 100, height: 100, shortSide: 128 };
  const expected = await prepareImage({ data, width: info.width, height: info.height }, input);
  const differences = expected.map((value, i) => Math.abs(value - (pictures[i] as number)));
  expect(Math.max(...differences)).toBeLessThanOrEqual(4); // decoders may round differently
  await loader.close();
});

test('the memory of a batch is that of an earlier one, so memory does not grow', async () => {
  const loader = start({ ahead: 2 });
  const buffers = new Set<ArrayBufferLike>();
  for (let step = 0; step < 12; step++) buffers.add((await loader.next()).waveforms.buffer);
  expect(buffers.size).toBe(3);
  await loader.close();
});

test('a closed loader leaves no thread and no open port, and its next batch is an error', async () => {
  const resources = () => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name));
  const before = resources();
  const loader = start();
  await loader.next();
  await loader.close();
  expect(resources()).toEqual(before);
  await expect(loader.next()).rejects.toThrow('closed');
});

/** @returns the message of the first batch that fails, of a dataset with one damage. */
async function failure(name: string, damage: (copy: string) => void): Promise<string> {
  const copy = join(folder, name);
  cpSync(dataset, copy, { recursive: true });
  const opened = await openPreparedSplit(copy, 'train');
  damage(copy);
  const loader = start({}, opened);
  try {
    for (let step = 0; step < 6; step++) await loader.next();
    return 'none';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  } finally {
    await loader.close();
  }
}

test('a shard that is gone, cut short or overwritten is named, with the clip that could not be read', async () => {
  expect(await failure('gone', (copy) => rmSync(join(copy, 'shards/000001.tar')))).toMatch(
    /^InputError: Expected .* of clip 0000\d\d in .*gone\/shards\/000001\.tar but the file cannot be read \(ENOENT/,
  );
  expect(await failure('short', (copy) => truncateSync(join(copy, 'shards/000002.tar'), 1000))).toMatch(
    /^InputError: Expected .* of clip 0000\d\d in .*000002\.tar but the file ends \d+ bytes before it does/,
  );
  const overwrite = (members: { offset: number }[]) => (copy: string) => {
    const file = openSync(join(copy, 'shards/000000.tar'), 'r+');
    for (const { offset } of members) writeSync(file, Buffer.alloc(400, 'no media '), 0, 400, offset);
    closeSync(file);
  };
  const first = split.lines[0] as PreparedSplit['lines'][number];
  expect(await failure('no-jpeg', overwrite(first.pictures))).toMatch(/a picture of clip 000000 in .*000000\.tar but /);
  expect(await failure('no-wav', overwrite(first.sound ? [first.sound] : []))).toMatch(
    /the sound of clip 000000 in .*000000\.tar but it is no wav file/,
  );
});

test('a folder that is no finished dataset is refused, saying how one is made', async () => {
  await expect(openPreparedSplit(folder, 'train')).rejects.toThrow(/no dataset\.json.*clapper prepare/);
  const copy = join(folder, 'bad-index');
  cpSync(dataset, copy, { recursive: true });
  writeFileSync(join(copy, 'index.jsonl'), '{"shard":0}\n');
  await expect(openPreparedSplit(copy, 'train')).rejects.toThrow(/index\.jsonl line 1/);
});

test('batches that no memory holds are refused at once, with their size', () => {
  for (const changes of [{ batchSize: 1e9 }, { ahead: 1e9 }]) {
    expect(() => start(changes)).toThrow(/fit into this machine's \d+ MB of memory but \d+ of \d+ rows take \d+ MB/);
  }
});
