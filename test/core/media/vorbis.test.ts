import { readFileSync } from 'node:fs';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { expectLowerRates, expectSameByTurns } from './support/lowerRates.ts';
import { mendChecksum, oggPages } from './support/oggPages.ts';

const read = (name: string) => new Uint8Array(readFileSync(new URL(`../../fixtures/sounds/${name}`, import.meta.url)));

/** By libvorbis: the mean of its channels. */
async function decodeByLibvorbis(bytes: Uint8Array): Promise<{ mean: Float32Array; sampleRate: number }> {
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  const { channelData, sampleRate } = await decoder.decodeFile(bytes);
  decoder.free();
  const mean = (channelData[0] as Float32Array).map(
    (_, n) => channelData.reduce((sum, channel) => sum + (channel[n] as number), 0) / channelData.length,
  );
  return { mean, sampleRate };
}

test.each([
  ...['tone.ogg', 'vorbis/mono.ogg', 'vorbis/stereo.ogg', 'vorbis/fine.ogg', 'vorbis/surround.ogg'],
  'vorbis/ffmpeg.ogg',
])('%s is what libvorbis makes of it, to 1e-6', async (name) => {
  const bytes = read(name);
  const { mean, sampleRate } = await decodeByLibvorbis(bytes);
  const samples = await decodeAudio(bytes, { sampleRate });
  expect(samples.length).toBe(mean.length);
  expect(samples.some((sample) => Math.abs(sample) > 0.2)).toBe(true);
  samples.forEach((sample, n) => {
    if (Math.abs(sample - (mean[n] as number)) > 1e-6) expect.fail(`sample ${n}: ${sample}, not ${mean[n]}`);
  });
});

/** Every page counted from a broadcast's beginning. */
function startedLate(bytes: Uint8Array, samples: number): Uint8Array {
  const pages = oggPages(bytes);
  for (const page of pages) {
    const view = new DataView(page.buffer);
    const granules = view.getBigInt64(6, true);
    if (granules > 0n) view.setBigInt64(6, granules + BigInt(samples), true);
    mendChecksum(page);
  }
  return new Uint8Array(Buffer.concat(pages));
}

test.each(['tone.ogg', 'tone.opus'])('%s, cut out of a broadcast, is the same sound', async (name) => {
  const whole = await decodeAudio(read(name), { sampleRate: 8000, maxSeconds: 120 });
  const late = await decodeAudio(startedLate(read(name), 10 * 3600 * 48_000), { sampleRate: 8000, maxSeconds: 120 });
  expect(late.subarray(0, 3000)).toEqual(whole.subarray(0, 3000));
  expect(late.length - whole.length).toBeLessThan(8000 * 0.03); // what filled the last packet up is not known any more
});

test.each(['vorbis/stereo.ogg', 'vorbis/fine.ogg', 'vorbis/surround.ogg', 'vorbis/ffmpeg.ogg'])(
  '%s, of which half or a quarter of the rate is decoded, is what libvorbis makes of it at a lower rate: to 1e-4 but for its ends',
  async (name) => {
    const within = { most: 1e-4, ends: { seconds: 0.005, most: 0.01 } };
    await expectLowerRates(read(name), await decodeByLibvorbis(read(name)), within);
  },
);

test('files by turns, at rates by turns, are decoded as each alone: what is kept of one does not reach the next', async () => {
  const names = ['vorbis/stereo.ogg', 'vorbis/fine.ogg', 'tone.ogg', 'vorbis/stereo.ogg'];
  await expectSameByTurns(names, { rates: [8000, 16_000, 8000], read });
});
