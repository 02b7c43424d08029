import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { ImageInput } from '#core/bundle/manifest.ts';
import { type Pixels, prepareImage } from '#core/media/image.ts';

const pictures = fileURLToPath(new URL('../../fixtures/pictures/', import.meta.url)); // made by make.py there, with Pillow
const input: ImageInput = { width: 28, height: 28, shortSide: 28, resizer: 'pica/lanczos3', background: 'white' };

test("a landscape picture is resized and cut as Pillow's Lanczos does it", async () => {
  const ours = await prepareImage(await readPixels('waves.png'), input);
  const theirs = await sharp(`${pictures}waves-28-pillow.png`).removeAlpha().raw().toBuffer();
  const differences = Array.from(ours, (value, i) => Math.abs(value - (theirs[i] as number)));
  expect(ours).toHaveLength(28 * 28 * 3);
  expect(Math.max(...differences)).toBeLessThanOrEqual(3); // pica's filter has 14 bits
  expect(differences.reduce((sum, difference) => sum + difference) / differences.length).toBeLessThan(0.7);
});

test('a picture of the right size keeps its very pixels', async () => {
  const data = Uint8Array.from({ length: 28 * 28 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
  const rgb = await prepareImage({ data, width: 28, height: 28 }, input);
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
  const rgb = await prepareImage({ data, width: 28, height: 28 }, input);
  expect(Array.from(rgb.subarray(0, 12))).toEqual([255, 255, 255, 127, 127, 127, 200, 100, 0, 244, 224, 204]);
});

test('of an upright picture the middle is kept', async () => {
  const data = new Uint8Array(28 * 84 * 4).fill(255);
  for (let y = 0; y < 84; y++) data.fill(y >= 28 && y < 56 ? 255 : 0, y * 28 * 4, (y + 1) * 28 * 4);
  for (let alpha = 3; alpha < data.length; alpha += 4) data[alpha] = 255;
  expect(await prepareImage({ data, width: 28, height: 84 }, input)).toEqual(new Uint8Array(28 * 28 * 3).fill(255));
});

test('one pixel becomes a whole picture of its colour', async () => {
  const rgb = await prepareImage({ data: Uint8Array.of(10, 20, 30, 255), width: 1, height: 1 }, input);
  expect(Array.from(rgb.subarray(0, 3))).toEqual([10, 20, 30]);
  expect(rgb).toHaveLength(28 * 28 * 3);
});

test('a line is refused before it becomes enormous', async () => {
  const line = { data: new Uint8Array(4 * 100_000), width: 1, height: 100_000 };
  await expect(prepareImage(line, input)).rejects.toThrow(/1 × 100000 pixels are a line/);
});

test("pixels that do not fit the picture's size are refused", async () => {
  await expect(prepareImage({ data: new Uint8Array(8), width: 2, height: 2 }, input)).rejects.toThrow(/2 × 2 RGBA/);
});

async function readPixels(name: string): Promise<Pixels> {
  const { data, info } = await sharp(pictures + name)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
