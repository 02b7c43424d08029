import { readFileSync } from 'node:fs';
import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { Random } from '#core/random.ts';

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/sounds/flac/${name}.flac`, import.meta.url)));
const names: [string, number][] = [
  ['stereo-16', 16],
  ['stereo-24', 24],
  ['mono-8', 8],
  ['wasted-24', 24],
  ['ffmpeg', 16],
];

test.each(names)('%s.flac is what libFLAC makes of it, to the bit', async (name, bits) => {
  const decoder = new FLACDecoder();
  await decoder.ready;
  const { channelData, sampleRate } = await decoder.decodeFile(read(name));
  decoder.free();
  const samples = await decodeAudio(read(name), { sampleRate });
  expect(samples.length).toBe(channelData[0]?.length);
  // That package divides integers by 2^(bits − 1) − 1; all others, and our wav, by 2^(bits − 1).
  const scale = 2 ** (bits - 1);
  samples.forEach((sample, n) => {
    const sum = channelData.reduce((all, channel) => all + Math.round((channel[n] as number) * (scale - 1)), 0);
    if (sample !== Math.fround(sum / channelData.length / scale)) expect.fail(`sample ${n}: ${sample}`);
  });
});

test('a flac file of which any bit is changed is refused, or the same sound: frames have checksums', async () => {
  const bytes = read('stereo-16');
  const whole = await decodeAudio(bytes, { sampleRate: 44_100 });
  const random = new Random(5, 5);
  let refused = 0;
  for (let turn = 0; turn < 300; turn++) {
    const changed = bytes.slice();
    const at = 200 + random.integer(bytes.length - 200); // behind the metadata
    changed[at] = (changed[at] as number) ^ (1 << random.integer(8));
    const samples = await decodeAudio(changed, { sampleRate: 44_100 }).catch(() => null);
    if (samples) expect(samples).toEqual(whole);
    else refused++;
  }
  expect(refused).toBeGreaterThan(250);
});
