import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { Random } from '#core/random.ts';
import { encodePng } from '../../web-demo/build/png.ts';

const random = new Random(4);

test('an example picture is a PNG file with the very pixels of the dataset', async () => {
  const grey = Uint8Array.from({ length: 28 * 20 }, () => random.integer(256));
  const png = sharp(encodePng(grey, { width: 28, height: 20 }));
  expect(await png.metadata()).toMatchObject({ format: 'png', width: 28, height: 20 });
  expect(new Uint8Array(await png.extractChannel(0).raw().toBuffer())).toEqual(grey);
});

test('an example recording is a WAV file with the very samples of the dataset', async () => {
  const waveform = Float32Array.from({ length: 4000 }, () => (random.integer(65536) - 32768) / 32768);
  expect(await decodeAudio(encodeWav(waveform, 8000), { sampleRate: 8000 })).toEqual(waveform);
});
