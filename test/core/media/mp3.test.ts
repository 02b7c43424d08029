import { readFileSync } from 'node:fs';
import { MPEGDecoder } from 'mpg123-decoder';
import { expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { expectLowerRates, expectSameByTurns } from './support/lowerRates.ts';

const read = (name: string) => new Uint8Array(readFileSync(new URL(`../../fixtures/sounds/${name}`, import.meta.url)));
const names = ['tone.mp3', ...['stereo', 'fine', 'mono', 'half', 'quarter'].map((name) => `mp3/${name}.mp3`)];

/** By mpg123: the mean of its channels, of which it gives two for mono too. */
async function decodeByMpg123(bytes: Uint8Array): Promise<{ mean: Float32Array; sampleRate: number }> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const { channelData, sampleRate } = decoder.decode(bytes);
  decoder.free();
  const [left, right] = channelData as [Float32Array, Float32Array];
  return { mean: left.map((sample, n) => (sample + (right[n] as number)) / 2), sampleRate };
}

test.each(names)('%s is what mpg123 makes of it, to 3e-6', async (name) => {
  const { mean, sampleRate } = await decodeByMpg123(read(name));
  const samples = await decodeAudio(read(name), { sampleRate });
  expect(samples.length).toBe(mean.length);
  expect(samples.some((sample) => Math.abs(sample) > 0.2)).toBe(true);
  samples.forEach((sample, n) => {
    if (Math.abs(sample - (mean[n] as number)) > 3e-6) expect.fail(`sample ${n}: ${sample}, not ${mean[n]}`);
  });
});

test.each(['stereo', 'fine', 'mono', 'half'])(
  '%s.mp3, of which half or a quarter of the rate is decoded, is what mpg123 makes of it at a lower rate: to 3e-5 but for its ends',
  async (name) => {
    const bytes = read(`mp3/${name}.mp3`);
    const within = { most: 3e-5, ends: { seconds: 0.01, most: 0.06 } };
    await expectLowerRates(bytes, await decodeByMpg123(bytes), within);
  },
);

test('files by turns, at rates by turns, are decoded as each alone: what is kept of one does not reach the next', async () => {
  await expectSameByTurns(names, { rates: [8000, 16_000, 48_000], read });
});

/** Where each frame of a file of MPEG-1 at 44.1 kHz begins. */
function framesOf(bytes: Uint8Array): number[] {
  const kilobits = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
  const starts: number[] = [];
  for (let at = 0; at + 4 < bytes.length; ) {
    starts.push(at);
    const third = bytes[at + 2] as number;
    at += Math.floor((144_000 * (kilobits[third >> 4] as number)) / 44_100) + ((third >> 1) & 1);
  }
  return starts;
}

test('an mp3 file cut out of a stream, whose first frames lack what came before, keeps its time', async () => {
  const bytes = read('mp3/stereo.mp3');
  const starts = framesOf(bytes);
  const cut = await decodeAudio(bytes.subarray(starts[8]), { sampleRate: 44_100 });
  const whole = await decodeAudio(bytes, { sampleRate: 44_100 });
  expect(cut.length).toBe((starts.length - 8) * 1152);
  const delay = 576 + 529; // which the encoder's first frame lets be cut off; it counts no sound
  for (let n = 4 * 1152; n < 10 * 1152; n++) {
    const difference = Math.abs((cut[n] as number) - (whole[n + 7 * 1152 - delay] as number));
    if (difference > 1e-6) expect.fail(`sample ${n}`);
  }
});
