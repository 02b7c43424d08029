import { expect, test } from 'vitest';
import type { IndexLine, PreparedDataset } from '#core/datasets/prepared.ts';
import { type DatasetFiles, readFixedPairs, readSplit } from '#core/datasets/readDataset.ts';
import { filmedClip } from './support/clips.ts';

const lines = ['a', 'b'].map((key): IndexLine => {
  const clip = { ...filmedClip(key, { seconds: 2, framesPerSecond: 1 }), split: 'test' as const };
  const member = { offset: 512, bytes: 44 + 2 * 16000 };
  return { shard: 0, clip, sound: member, pictures: [member, member] };
});

/** @param clips that `dataset.json` counts. */
function datasetOf(files: Record<string, object[]>, clips = { train: 0, validation: 0, test: 2 }): DatasetFiles {
  const counts = (clips: number) => ({ clips, sounds: clips, pictures: clips, seconds: clips, pairs: 0 });
  const info: PreparedDataset = {
    ...{ schema: 'clapper-dataset/1', name: 'tones', kind: 'flickr-soundnet', description: '', licence: '' },
    ...{ pairing: 'same-clip', sampleRate: 8000, shortSide: 256, categories: [], skipped: 0, shards: [] },
    counts: { train: counts(clips.train), validation: counts(clips.validation), test: counts(clips.test) },
  };
  return {
    folder: 'tones',
    read: async () => new TextEncoder().encode(JSON.stringify(info)),
    async *lines(name) {
      for (const line of files[name] ?? []) yield JSON.stringify(line);
    },
  };
}

const pair = (sound: string, picture: string, corresponds: boolean) => ({
  sound: { key: sound, startSeconds: 0.5 },
  picture: { key: picture, index: 1 },
  corresponds,
});

test('each sound and each picture of the fixed pairs stands once, however many pairs it is in', async () => {
  const files = datasetOf(
    {
      'index.jsonl': [...lines, { ...lines[0], clip: { ...lines[0]?.clip, key: 'c', split: 'train' } }],
      'pairs-test.jsonl': [pair('a', 'a', true), pair('a', 'b', false), pair('b', 'a', false), pair('b', 'b', true)],
    },
    { train: 1, validation: 0, test: 2 },
  );
  const split = await readSplit(files, 'test');
  expect(split).toEqual(lines);
  expect(await readFixedPairs(files, 'test', split)).toEqual({
    sounds: lines.map((line) => ({ line, startSeconds: 0.5 })),
    pictures: lines.map((line) => ({ line, index: 1 })),
    pairs: [
      { sound: 0, picture: 0, corresponds: true },
      { sound: 0, picture: 1, corresponds: false },
      { sound: 1, picture: 0, corresponds: false },
      { sound: 1, picture: 1, corresponds: true },
    ],
  });
});

test('a pair of a clip that the split lacks, and a line that is not as it should be, are named', async () => {
  const files = datasetOf({ 'pairs-test.jsonl': [pair('a', 'z', false)], 'index.jsonl': [...lines, { shard: -1 }] });
  await expect(readFixedPairs(files, 'test', lines)).rejects.toThrow(
    /tones\/pairs-test\.jsonl names the clip z, which the test split/,
  );
  await expect(readSplit(files, 'test')).rejects.toThrow(/tones\/index\.jsonl line 3 is not as expected/);
});

test('an index that has lost lines, or has some twice, is refused', async () => {
  await expect(readSplit(datasetOf({ 'index.jsonl': lines.slice(1) }), 'test')).rejects.toThrow(
    /tones\/index\.jsonl has 1 clips where dataset.json counts 2/,
  );
  await expect(readSplit(datasetOf({ 'index.jsonl': [...lines, ...lines] }), 'test')).rejects.toThrow(/has 4 clips/);
});
