import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../serving/engine/limits.ts';
import { createMediaDecoder } from '../../../serving/engine/media.ts';
import { limitsOf } from '../../../serving/serve.ts';
import type { Settings } from '../../../serving/settings.ts';

const pictures = new URL('../../fixtures/pictures/', import.meta.url); // made by make.py there, with Pillow
const read = async (name: string) => new Uint8Array(await readFile(new URL(name, pictures)));
const size = 32;
const manifest = JSON.parse(readFileSync('models/digits/manifest.json', 'utf8'));
Object.assign(manifest.input.image, { width: size, height: size, shortSide: size });
const { image: decodeImage } = createMediaDecoder(manifest, defaultLimits);

describe('a picture with a red, a green, a blue and a white quarter is seen so', () => {
  test.each([
    ['quarters.png', 0],
    ['quarters.webp', 0],
    ['quarters.jpg', 2],
    ['quarters-palette.png', 0],
    ['quarters-exif.jpg', 2], // lies on its side, and says so
    ['quarters-cmyk.jpg', 140], // printed green is (0, 166, 81)
    ['quarters-transparent.png', 0], // white shows through
    ['quarters-animated.webp', 0], // the second frame has other colours
  ])('%s', async (name, tolerance) => {
    const rgb = await decodeImage(await read(name));
    const quarters = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 255],
    ].flat();
    const middles = [
      [8, 8],
      [24, 8],
      [8, 24],
      [24, 24],
    ].flatMap(([x = 0, y = 0]) => {
      return Array.from(rgb.subarray(3 * (y * size + x), 3 * (y * size + x) + 3));
    });
    expect(Math.max(...middles.map((value, i) => Math.abs(value - (quarters[i] as number))))).toBeLessThanOrEqual(
      tolerance,
    );
  });
});

test.each([4.1, 2.0000001, 1e300])(
  'with a limit of %f million pixels a small photo is read',
  async (maxImageMegapixels) => {
    const limits = limitsOf({ maxImageMegapixels } as Settings);
    const options = { create: { width: 200, height: 100, channels: 3, background: 'red' } } as const;
    const photo = await sharp(options).jpeg({ progressive: true }).toBuffer();
    await expect(createMediaDecoder(manifest, limits).image(photo)).resolves.toHaveLength(size * size * 3);
  },
);

test.each(['png', 'jpeg', 'webp'] as const)('a limit of few pixels is one for a %s too', async (format) => {
  const limits = limitsOf({ maxImageMegapixels: 0.0001 } as Settings);
  const file = await sharp({ create: { width: 11, height: 11, channels: 3, background: 'red' } })
    [format]()
    .toBuffer();
  await expect(createMediaDecoder(manifest, limits).image(file)).rejects.toThrow(
    /at most 0.0001 million pixels .*11 × 11/,
  );
});

test('16 bits of grey are brought to 8', async () => {
  const rgb = await decodeImage(await read('steps-16bit.png'));
  expect([4, 12, 20, 28].map((x) => rgb[3 * x])).toEqual([0, 85, 170, 255]);
});

test('a picture of 20,000 × 20,000 is refused by its header, not decoded', async () => {
  const startMs = performance.now();
  await expect(decodeImage(await read('huge.png'))).rejects.toMatchObject({
    kind: 'too_large',
    message: /20000 × 20000/,
  });
  expect(performance.now() - startMs).toBeLessThan(1000); // decoding takes 1.6 GB and several seconds
});

test.each(['quarters.png', 'quarters.jpg', 'quarters.webp'])('%s, cut short, is refused', async (name) => {
  const whole = await read(name);
  const half = decodeImage(whole.slice(0, whole.length * 0.6));
  await expect(half).rejects.toMatchObject({ kind: 'unreadable_media', message: /cut short or damaged/ });
});

test.each(['gif', 'tiff', 'avif'] as const)('a %s is none of the formats read here', async (format) => {
  const bytes = await sharp(await read('quarters.png'))
    .toFormat(format)
    .toBuffer();
  await expect(decodeImage(bytes)).rejects.toMatchObject({ kind: 'unsupported_media', message: /JPEG, PNG or WebP/ });
});

test.each([
  ['an svg', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'unsupported_media'],
  ['a text', 'Once upon a time', 'unsupported_media'],
  ['nothing', '', 'unreadable_media'],
])('%s is no picture', async (_, content, kind) => {
  await expect(decodeImage(Buffer.from(content))).rejects.toMatchObject({ kind });
});
