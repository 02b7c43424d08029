import { expect, test } from 'vitest';
import { type ClipFile, readSamples, readWaveform, type Shards } from '#core/datasets/clipFiles.ts';
import { encodeWav } from '#core/media/encodeWav.ts';

const wav = encodeWav(Float32Array.from([0, 0.5, -1, 0.25, -0.125]), 8000);
const content = Uint8Array.from([...new Uint8Array(512), ...wav, ...new Uint8Array(100)]);
const file: ClipFile = { what: 'the sound', key: 'abc', shard: 0, member: { offset: 512, bytes: wav.length } };

/** As a page would have it: bytes that it has fetched. */
function inMemory(bytes: Uint8Array): Shards {
  return {
    names: ['shards/000000.tar'],
    read(_, offset, target) {
      const part = bytes.subarray(offset, offset + target.length);
      target.set(part);
      return part.length;
    },
  };
}

test('any part of a sound is read out of the tar file, in memory as on disk', () => {
  expect([...readWaveform(inMemory(content), file)]).toEqual([0, 0.5, -1, 0.25, -0.125]);
  expect([...readWaveform(inMemory(content), file, { startSample: 1, samples: 2 })]).toEqual([0.5, -1]);
  expect([...readWaveform(inMemory(content), file, { startSample: 3, samples: 9 })]).toEqual([0.25, -0.125]);
  expect([...readSamples(inMemory(content), file, 4, new Int16Array(3))]).toEqual([-4096]);
});

test.each([
  [content.subarray(0, 550), 'but the file ends 6 bytes before it does'],
  [content.subarray(0, 560), 'but the file ends 6 bytes before it does'],
  [new Uint8Array(700), 'but it is no wav file'],
])('a damaged shard is named, with the clip', (bytes, reason) => {
  expect(() => readWaveform(inMemory(bytes), file)).toThrow(
    `Expected the sound of clip abc in shards/000000.tar ${reason}. Prepare the dataset again`,
  );
});
