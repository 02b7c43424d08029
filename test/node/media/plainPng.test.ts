import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { decodePlainPng } from '#node/media/plainPng.ts';

const folder = new URL('../../fixtures/pictures/', import.meta.url); // made by make.py there, with Pillow

/** As libvips decodes it. */
async function bySharp(bytes: Uint8Array) {
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data: new Uint8Array(data), width: info.width, height: info.height };
}

/** A picture with areas, edges and noise, so that an encoder takes every filter. */
function makePicture(channels: 1 | 2 | 3 | 4, seed: number) {
  const random = new Random(seed, 1);
  const [width, height] = [17 + random.integer(60), 9 + random.integer(60)];
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    data[i] =
      x > width / 2 ? (3 * x + 5 * y * (i % channels) + random.integer(9)) & 255 : y > 20 ? 90 : random.integer(256);
  }
  return { data, raw: { width, height, channels } };
}

describe('a small PNG is decoded as by libvips', () => {
  test.each([1, 2, 3, 4] as const)('%i channels, with adaptive filters and without', async (channels) => {
    for (let seed = 0; seed < 20; seed++) {
      const { data, raw } = makePicture(channels, seed);
      for (const adaptiveFiltering of [true, false]) {
        const png = await sharp(data, { raw }).png({ adaptiveFiltering, palette: false }).toBuffer();
        const decoded = decodePlainPng(new Uint8Array(png));
        expect(decoded).not.toBeNull();
        expect(decoded).toEqual(await bySharp(png));
      }
    }
  });

  test('a palette, with transparent colours and without', async () => {
    for (const channels of [3, 4] as const) {
      const { data, raw } = makePicture(channels, 3);
      const png = await sharp(data, { raw }).png({ palette: true, colours: 200 }).toBuffer();
      if (png[24] === 8) expect(decodePlainPng(new Uint8Array(png))).toEqual(await bySharp(png));
    }
  });
});

test('what is not plain is left to sharp: 16 bits, large, other formats, damage at any byte', async () => {
  for (const name of readdirSync(folder)) {
    const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
    const decoded = name.endsWith('.png') ? decodePlainPng(bytes) : null;
    if (decoded) expect(decoded, name).toEqual(await bySharp(bytes));
  }
  const { data, raw } = makePicture(3, 1);
  const png = new Uint8Array(await sharp(data, { raw }).png().toBuffer());
  for (let at = 8; at < png.length - 12; at += 7) {
    const damaged = png.slice();
    damaged[at] = (damaged[at] as number) ^ 0x41;
    expect(decodePlainPng(damaged), `byte ${at}`).toBeNull(); // every chunk has a checksum
    expect(decodePlainPng(png.subarray(0, at))).toBeNull();
  }
});
