import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { prepareImage } from '#core/media/image.ts';
import { decodePicture } from '#node/media/picture.ts';
import { preparePicture } from '../../../prepare/media/picture.ts';

const size = 16;
const orange = [200, 120, 40];

/** What is on servers and in datasets of one colour: the two ways in. */
async function bothWaysIn(file: Uint8Array): Promise<{ served: number[]; prepared: number[] }> {
  const served = prepareImage(await decodePicture(file), { width: size, height: size, shortSide: size });
  const { data } = await decodePicture((await preparePicture(file, size)).jpeg);
  const middle = 3 * (8 * size + 8);
  return { served: [...served.subarray(middle, middle + 3)], prepared: [...data.subarray(middle, middle + 3)] };
}

describe('a colour of 16 bits is the colour that it is in 8 bits', async () => {
  const profileOf = async (name: string) => {
    const tagged = await sharp(makePng({ bits: 8, pixel: orange }))
      .withIccProfile(name)
      .png()
      .toBuffer();
    return (await sharp(tagged).metadata()).icc as Buffer;
  };
  const greyProfile = await profileOf('p3'); // of three colours: it does not fit a grey picture

  // The colour in Display P3 is another in sRGB: Pillow with LittleCMS says (213, 115, 0).
  test.each([
    ['without a profile', undefined, orange, orange],
    ['in sRGB', await profileOf('srgb'), orange, orange],
    ['in Display P3', await profileOf('p3'), orange, [213, 115, 0]],
    ['with a profile that is none', Buffer.from('not a profile'), orange, orange],
    ['half transparent, in Display P3', await profileOf('p3'), [...orange, 128], [234, 185, 127]],
    ['grey', undefined, [100], [100, 100, 100]],
    ["grey, with a profile that isn't", greyProfile, [100], [100, 100, 100]],
  ])('%s', async (_, icc, pixel, seen) => {
    for (const bits of [8, 16] as const) {
      const { served, prepared } = await bothWaysIn(makePng({ bits, pixel, icc }));
      expect(largestDifference(served, seen), `${bits} bits: ${served}`).toBeLessThanOrEqual(1);
      expect(largestDifference(prepared, seen), `${bits} bits prepared: ${prepared}`).toBeLessThanOrEqual(3); // a JPEG
    }
  });
});

const cases = new URL('../../../../shared/cases/png16-with-icc/', import.meta.url);
test.skipIf(!existsSync(cases)).each([
  ['srgb-16bit.png', [200, 120, 40]],
  ['srgb-8bit.png', [200, 120, 40]],
  ['p3-16bit.png', [213, 115, 0]],
  ['p3-8bit.png', [213, 115, 0]],
  ['none-16bit.png', [200, 120, 40]],
])('%s of the cases', async (name, seen) => {
  const { data, width } = await decodePicture(new Uint8Array(await readFile(new URL(name, cases))));
  const at = (y: number, x: number) => [...data.subarray(3 * (width * y + x), 3 * (width * y + x) + 3)];
  expect([at(9, 9), at(9, 50), at(50, 9)]).toEqual([
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
  ]);
  expect(largestDifference(at(50, 50), seen)).toBeLessThanOrEqual(1);
});

/** A PNG of one colour: grey, RGB or RGBA, as many bits as are wanted. */
function makePng({ bits, pixel, icc }: { bits: 8 | 16; pixel: number[]; icc?: Buffer | undefined }): Uint8Array {
  const chunk = (name: string, body: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = bits;
  header[9] = [0, 0, 4, 2, 6][pixel.length] as number;
  const values = pixel.flatMap((value) => (bits === 16 ? [value, value] : [value])); // 257 times as much
  const row = [0, ...Array.from({ length: size }, () => values).flat()];
  const rows = Buffer.concat(Array.from({ length: size }, () => Buffer.from(row)));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(icc ? [chunk('iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), deflateSync(icc)]))] : []),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function largestDifference(a: number[], b: number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

/** As photographs are: smooth, with edges and some noise. */
function makePhoto(width: number, height: number): Buffer {
  const data = Buffer.alloc(3 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const noise = (((x * 7919 + y * 104_729) % 101) - 50) / 8;
      data[at++] = 127 + 80 * Math.sin(x / 97 + Math.sin(y / 61)) + noise;
      data[at++] = 127 + 80 * Math.sin(y / 83 + x / 301) + noise;
      data[at++] = 127 + 80 * Math.sign(Math.sin(x / 401) * Math.sin(y / 307)) + noise;
    }
  }
  return data;
}

test('a large JPEG is decoded at a fraction of its size, and gives the same picture to 0.7 of 255 on average', async () => {
  const [width, height] = [2503, 1807];
  const photo = sharp(makePhoto(width, height), { raw: { width, height, channels: 3 } });
  for (const orientation of [1, 3, 6, 8]) {
    const file = await photo.clone().withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer();
    const whole = await decodePicture(file);
    for (const side of [28, 224]) {
      const input = { width: side, height: side, shortSide: side };
      const part = await decodePicture(file, { shortSide: side });
      expect(part.width * part.height).toBeLessThan((whole.width * whole.height) / 4);
      expect(Math.min(part.width, part.height)).toBeGreaterThanOrEqual(2 * side);
      expect(part.whole).toMatchObject({ width: whole.width, height: whole.height });
      const expected = prepareImage(whole, input);
      const sum = prepareImage(part, input).reduce(
        (all, value, i) => all + Math.abs(value - (expected[i] as number)),
        0,
      );
      expect(sum / expected.length, `turned ${orientation}, to ${side}`).toBeLessThan(0.7);
    }
  }
});

test('a large JPEG that is cut short is refused at a fraction of its size too', async () => {
  const photo = sharp(makePhoto(1600, 1200), { raw: { width: 1600, height: 1200, channels: 3 } });
  const file = await photo.jpeg().toBuffer();
  const cut = file.subarray(0, file.length / 2);
  await expect(decodePicture(cut, { shortSide: 28 })).rejects.toThrow('cut short or damaged');
  await expect(decodePicture(file, { shortSide: 28, maxPixels: 1e6 })).rejects.toThrow('1600 × 1200');
});
