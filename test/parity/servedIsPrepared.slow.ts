import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { prepareImage, prepareWholeImage } from '#core/media/image.ts';
import { decodePicture } from '#node/media/picture.ts';
import { listTar } from '../../prepare/files/tarList.ts';
import { preparePicture } from '../../prepare/media/picture.ts';
import { defaultLimits } from '../../serving/engine/limits.ts';
import { createMediaDecoder } from '../../serving/engine/media.ts';
import { readSize, scaleSamples, writePart } from '../../training/data/loader/native.ts';

const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const count = 200;
const side = 224;
const sampleRate = 48_000;
const image = { width: side, height: side, shortSide: side };
const server = createMediaDecoder({ input: { image, audio: { sampleRate } } } as never, defaultLimits);

/** Files of a collection, as many as are wanted and evenly chosen. */
async function* filesOf(tars: string[], ending: RegExp): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
  for (const tar of tars) {
    const { members } = await listTar(data + tar);
    const wanted = members.filter(({ name }) => ending.test(name));
    const file = openSync(data + tar, 'r');
    const share = Math.ceil(count / tars.length);
    for (let i = 0; i < share; i++) {
      const {
        name,
        offset,
        bytes: length,
      } = wanted[Math.floor((i * wanted.length) / share)] as (typeof wanted)[number];
      const bytes = new Uint8Array(length);
      readSync(file, bytes, 0, length, offset);
      yield { name, bytes };
    }
    closeSync(file);
  }
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const meanDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  mean(Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));

describe.skipIf(!existsSync(data))('the trainer is shown what the server is shown', () => {
  test(`${count} photos: the same but for the one JPEG that a dataset keeps`, async () => {
    const [withoutJpeg, byServersDecoder, byLoader]: number[][] = [[], [], []];
    for await (const { bytes } of filesOf(['esc50_photos2/images.tar'], /\.(jpe?g|png|webp)$/i)) {
      const served = await server.image(bytes);
      const whole = prepareWholeImage(await decodePicture(bytes), side);
      withoutJpeg?.push(meanDifference(served, prepareImage(whole, image)));
      const { jpeg } = await preparePicture(bytes, side);
      byServersDecoder?.push(meanDifference(served, prepareImage(await decodePicture(jpeg), image)));
      const { width, height } = readSize(jpeg);
      const cut = {
        left: (width - side) >> 1,
        top: (height - side) >> 1,
        isMirrored: false,
        brightness: 1,
        saturation: 1,
      };
      const shown = new Uint8ClampedArray(3 * side * side);
      writePart(jpeg, cut, image, shown);
      byLoader?.push(meanDifference(served, shown));
    }
    expect(byLoader).toHaveLength(count);
    console.info(
      `Photos, mean difference of 255: ${mean(withoutJpeg as number[])} without the JPEG; with it ` +
        `${mean(byServersDecoder as number[]).toFixed(3)} by the server's decoder, ${mean(byLoader as number[]).toFixed(3)} by the loader's.`,
    );
    expect(Math.max(...(withoutJpeg as number[]))).toBe(0);
    // What one JPEG of quality 90 does to small photos, whoever decodes it.
    expect(mean(byLoader as number[]) - mean(byServersDecoder as number[])).toBeLessThan(0.5);
  }, 600_000);

  test(`${count} sounds: within 1e-4`, async () => {
    const largest: number[] = [];
    const tars = [1, 2, 3, 4, 5].map((fold) => `esc50/audio-fold${fold}.tar`);
    for await (const { bytes } of filesOf(tars, /\.(wav|ogg|flac|mp3)$/i)) {
      const served = await server.audio(bytes).catch(() => null); // silent
      if (!served) continue;
      const wav = encodeWav(await decodeAudio(bytes, { sampleRate }), sampleRate);
      const heard = new Float32Array(served.length);
      scaleSamples(new Int16Array(wav.slice(44).buffer), 2 ** -15, heard);
      largest.push(served.reduce((most, sample, n) => Math.max(most, Math.abs(sample - (heard[n] as number))), 0));
    }
    console.info(`${largest.length} sounds, largest difference: ${Math.max(...largest)}`);
    expect(largest.length).toBeGreaterThan(0.9 * count);
    expect(Math.max(...largest)).toBeLessThan(1e-4);
  }, 600_000);
});
