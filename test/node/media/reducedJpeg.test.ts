import { readFileSync } from 'node:fs';
import sharp, { type JpegOptions } from 'sharp';
import { expect, test } from 'vitest';
import type { Pixels } from '#core/media/resize.ts';
import { Random } from '#core/random.ts';
import { decodeReduced } from '#node/media/jpeg/reduced.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/pictures/${name}`, import.meta.url)));
const detailed = sharp(fixture('detailed.png')).removeAlpha();
const withSettings = async (settings: JpegOptions) => new Uint8Array(await detailed.clone().jpeg(settings).toBuffer());

/** libjpeg's pixels, the mean of each block of 8 × 8 that is whole. */
async function blockMeans(file: Uint8Array): Promise<{ across: number; down: number; means: number[] }> {
  const { data, info } = await sharp(file, { failOn: 'error' })
    .autoOrient()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const side = 8;
  const [across, down] = [Math.floor(info.width / side), Math.floor(info.height / side)];
  const means = Array.from({ length: across * down * 3 }, (_, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % across, Math.floor(i / 3 / across), i % 3];
    let sum = 0;
    for (let n = 0; n < side * side; n++) {
      const pixel = (y * side + Math.floor(n / side)) * info.width + x * side + (n % side);
      sum += data[info.channels * pixel + (info.channels === 1 ? 0 : channel)] as number;
    }
    return sum / side ** 2;
  });
  return { across, down, means };
}

async function differences(file: Uint8Array): Promise<{ mean: number; most: number }> {
  const reduced = decodeReduced(file);
  if (!reduced) throw new Error('not decoded');
  const { across, down, means } = await blockMeans(file);
  expect(reduced.width - across).toBeLessThanOrEqual(1);
  const all = means.map((mean, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % across, Math.floor(i / 3 / across), i % 3];
    return Math.abs((reduced.data[3 * (y * reduced.width + x) + channel] as number) - mean);
  });
  expect(all.length).toBe(3 * across * down);
  return { mean: all.reduce((sum, one) => sum + one) / all.length, most: Math.max(...all) };
}

test.each<[string, () => Promise<Uint8Array>, number]>([
  ['with chroma in full', () => withSettings({ quality: 90, chromaSubsampling: '4:4:4' }), 0.5],
  ['of the highest quality', () => withSettings({ quality: 100, chromaSubsampling: '4:4:4' }), 0.5],
  ['grey', async () => new Uint8Array(await detailed.clone().toColourspace('b-w').jpeg().toBuffer()), 0.3],
  // Here libjpeg draws the chroma smooth before means are taken.
  ['with chroma in half, tables of the standard', () => withSettings({ optimiseCoding: false }), 3],
  ['of little quality', () => withSettings({ quality: 20 }), 2],
  ['with restart markers, chroma in half of the columns', async () => fixture('restarts-422.jpg'), 2],
  ['with chroma in a quarter of the columns', async () => fixture('plain-411.jpg'), 2.5],
])("a JPEG %s has at an eighth of its size the means of libjpeg's pixels", async (_, make, most) => {
  expect((await differences(await make())).mean).toBeLessThan(most);
});

test.each([2, 3, 4, 5, 6, 7, 8])(
  'a JPEG that lies as Exif says, %d, is turned as sharp turns it',
  async (orientation) => {
    const file = await detailed
      .clone()
      .extract({ left: 0, top: 0, width: 160, height: 96 })
      .withExif({ IFD0: { Orientation: '1' } }) // whatever is asked for, sharp writes 1
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
    file[file.indexOf(Buffer.from([0x12, 0x01, 3, 0, 1, 0, 0, 0])) + 8] = orientation;
    expect((await sharp(file).metadata()).orientation).toBe(orientation);
    const { mean } = await differences(new Uint8Array(file));
    expect(mean).toBeLessThan(0.5);
    const { width, whole } = decodeReduced(new Uint8Array(file)) as Pixels;
    expect([width, whole]).toEqual([
      orientation < 5 ? 20 : 12,
      { width: orientation < 5 ? 160 : 96, height: orientation < 5 ? 96 : 160, fraction: 1 / 8 },
    ]);
  },
);

test('what is unusual is left to others', async () => {
  const progressive = await withSettings({ progressive: true });
  const profiled = await detailed.clone().withIccProfile('p3').jpeg().toBuffer();
  for (const file of [progressive, profiled, fixture('quarters-cmyk.jpg')]) {
    expect(decodeReduced(new Uint8Array(file))).toBeNull();
  }
  const upright = await detailed
    .clone()
    .withExif({ IFD0: { Orientation: '1' } })
    .jpeg()
    .toBuffer();
  expect(decodeReduced(new Uint8Array(upright))).not.toBeNull();
});

test('3,000 damaged JPEGs are as libjpeg has them, or left to it; what follows is right', async () => {
  const random = new Random(1, 3);
  const files = [await withSettings({ quality: 60 }), fixture('restarts-422.jpg'), fixture('plain-411.jpg')];
  const before = files.map((file) => decodeReduced(file)?.data);
  let decoded = 0;
  for (let turn = 0; turn < 3000; turn++) {
    const file = (files[turn % files.length] as Uint8Array).slice();
    const isCut = random.integer(4) === 0;
    for (let flips = isCut ? 0 : 1 + random.integer(3); flips > 0; flips--) {
      file[random.integer(random.integer(2) === 0 ? file.length : 700)] = random.integer(256);
    }
    const damaged = isCut ? file.subarray(0, random.integer(file.length - 2)) : file;
    const reduced = decodeReduced(damaged);
    if (!reduced) continue;
    expect(isCut).toBe(false);
    decoded++;
    // Beyond black and white libjpeg cuts pixels off before their mean is taken, and wraps what is far beyond.
    if (turn % 10 === 0) expect((await differences(damaged)).mean, `turn ${turn}`).toBeLessThan(40);
  }
  expect(decoded).toBeGreaterThan(300);
  expect(files.map((file) => decodeReduced(file)?.data)).toEqual(before);
});
