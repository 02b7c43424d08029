import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { prepareImage } from '#core/media/image.ts';
import type { Pixels } from '#core/media/resize.ts';

const pictures = fileURLToPath(new URL('../../fixtures/pictures/', import.meta.url)); // made by make.py there, with Pillow
const input = { width: 28, height: 28, shortSide: 28 };

test.each([
  ['waves.png', 'waves-28-pillow.png', { mean: 0.1, largest: 1 }],
  ['detailed.png', 'detailed-28-pillow-gap.png', { mean: 0.5, largest: 3 }], // Pillow rounds to 8 bits after each step
  ['detailed.png', 'detailed-28-pillow.png', { mean: 1.2, largest: 9 }], // Lanczos alone
])("a landscape picture, %s, is resized and cut as Pillow's Lanczos does it: %s", async (name, byPillow, limits) => {
  const ours = prepareImage(await readPixels(name), input);
  const theirs = await sharp(pictures + byPillow)
    .removeAlpha()
    .raw()
    .toBuffer();
  const differences = Array.from(ours, (value, i) => Math.abs(value - (theirs[i] as number)));
  expect(ours).toHaveLength(28 * 28 * 3);
  expect(differences.reduce((sum, difference) => sum + difference) / differences.length).toBeLessThan(limits.mean);
  expect(Math.max(...differences)).toBeLessThanOrEqual(limits.largest);
});

test('RGB and opaque RGBA give the same numbers', async () => {
  const rgba = await readPixels('detailed.png');
  const rgb = rgba.data.filter((_, i) => i % 4 !== 3);
  expect(prepareImage({ ...rgba, data: rgb }, input)).toEqual(prepareImage(rgba, input));
});

test('a picture of the right size keeps its very pixels', async () => {
  const data = Uint8Array.from({ length: 28 * 28 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
  const rgb = prepareImage({ data, width: 28, height: 28 }, input);
  expect(rgb).toEqual(data.filter((_, i) => i % 4 !== 3));
});

test('white shows through what is transparent, and half of it through half', async () => {
  const corners = [
    [0, 0, 0, 0],
    [0, 0, 0, 128],
    [200, 100, 0, 255],
    [200, 100, 0, 51],
  ];
  const data = Uint8ClampedArray.from(
    { length: 28 * 28 * 4 },
    (_, i) => corners[Math.floor(i / 4) % 4]?.[i % 4] as number,
  );
  const rgb = prepareImage({ data, width: 28, height: 28 }, input);
  expect(Array.from(rgb.subarray(0, 12))).toEqual([255, 255, 255, 127, 127, 127, 200, 100, 0, 244, 224, 204]);
});

test('of an upright picture the middle is kept', async () => {
  const data = new Uint8Array(28 * 84 * 4).fill(255);
  for (let y = 0; y < 84; y++) data.fill(y >= 28 && y < 56 ? 255 : 0, y * 28 * 4, (y + 1) * 28 * 4);
  for (let alpha = 3; alpha < data.length; alpha += 4) data[alpha] = 255;
  expect(prepareImage({ data, width: 28, height: 84 }, input)).toEqual(new Uint8Array(28 * 28 * 3).fill(255));
});

test('one pixel becomes a whole picture of its colour', async () => {
  const rgb = prepareImage({ data: Uint8Array.of(10, 20, 30, 255), width: 1, height: 1 }, input);
  expect(Array.from(rgb.subarray(0, 3))).toEqual([10, 20, 30]);
  expect(rgb).toHaveLength(28 * 28 * 3);
});

test('a line is refused before it becomes enormous', async () => {
  const line = { data: new Uint8Array(4 * 100_000), width: 1, height: 100_000 };
  expect(() => prepareImage(line, input)).toThrow(/1 × 100000 pixels are a line/);
});

test("pixels that do not fit the picture's size are refused", async () => {
  expect(() => prepareImage({ data: new Uint8Array(8), width: 2, height: 2 }, input)).toThrow(/2 × 2 RGB or RGBA/);
});

async function readPixels(name: string): Promise<Pixels> {
  const { data, info } = await sharp(pictures + name)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
