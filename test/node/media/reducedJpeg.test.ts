import { readFileSync } from 'node:fs';
import sharp, { type JpegOptions, type Sharp } from 'sharp';
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

async function differences(file: Uint8Array, least = 1 / 8): Promise<{ mean: number; most: number }> {
  const reduced = decodeReduced(file, least);
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

/** Squares of 16 × 16 pixels of one colour each: chroma of few blocks has them too, and their means have their colours. */
async function squares(width = 400, height = 240): Promise<Sharp> {
  const random = new Random(3, 3);
  const raw = { width: Math.ceil(width / 16), height: Math.ceil(height / 16), channels: 3 } as const;
  const colours = Uint8Array.from({ length: 3 * raw.width * raw.height }, () => 40 + random.integer(176));
  const size = { width: 16 * raw.width, height: 16 * raw.height, kernel: 'nearest', fit: 'fill' } as const;
  return sharp(await sharp(colours, { raw }).resize(size).png().toBuffer()).extract({ left: 0, top: 0, width, height });
}
const progressive = async (settings: JpegOptions = {}) =>
  (await squares()).jpeg({ quality: 95, progressive: true, ...settings }).toBuffer();

test.each<[string, () => Promise<Uint8Array>, number]>([
  ['with chroma in full', () => withSettings({ quality: 90, progressive: true, chromaSubsampling: '4:4:4' }), 0.5],
  ['with chroma in half', () => progressive(), 3],
  ["in mozjpeg's order of scans", () => progressive({ mozjpeg: true }), 3],
  ['grey', async () => await detailed.clone().toColourspace('b-w').jpeg({ progressive: true }).toBuffer(), 0.3],
])("a progressive JPEG %s has at an eighth of its size the means of libjpeg's pixels", async (_, make, most) => {
  expect((await differences(new Uint8Array(await make()), 1 / 16)).mean).toBeLessThan(most);
});

test('a progressive JPEG of a size that is no multiple of its units has all of its blocks', async () => {
  for (const [width, height] of [
    [8, 8],
    [17, 40],
    [250, 121],
  ]) {
    const file = await (await squares(width, height)).jpeg({ quality: 95, mozjpeg: true }).toBuffer();
    expect((await differences(new Uint8Array(file), 1 / 16)).mean).toBeLessThan(3);
  }
});

test('of a progressive JPEG that is cut short nothing is decoded', async () => {
  const whole = new Uint8Array(await progressive());
  for (let length = whole.length - 1; length > 2; length -= 211) {
    expect(decodeReduced(whole.subarray(0, length), 1 / 16), `${length} bytes`).toBeNull();
  }
  expect(decodeReduced(whole, 1 / 16)).not.toBeNull();
});

/** @param curve in the place of Display P3's. */
async function profiled(profile: 'p3' | 'srgb', curve?: number[]): Promise<Uint8Array> {
  const file = await (await squares())
    .withIccProfile(profile)
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const at = file.indexOf(Buffer.from('para'));
  if (curve) file.set(curve, at);
  return new Uint8Array(file);
}

test.each<[string, () => Promise<Uint8Array>]>([
  ['Display P3', () => profiled('p3')],
  ['sRGB', () => profiled('srgb')],
  ['a power of 2.2', () => profiled('p3', [...Buffer.from('curv\0\0\0\0\0\0\0\x01\x02\x33', 'latin1')])],
  ['no curve', () => profiled('p3', [...Buffer.from('curv\0\0\0\0\0\0\0\0', 'latin1')])],
])('a JPEG whose profile is %s has the colours that lcms gives it', async (_, make) => {
  const file = await make();
  const { mean, most } = await differences(file);
  expect(mean).toBeLessThan(1);
  expect(most).toBeLessThan(3);
});

test('what is unusual is left to others', async () => {
  const coarse = new Uint8Array(await progressive()); // at an eighth it has one chroma for four pixels
  const lookedUp = await profiled('p3');
  lookedUp.set(Buffer.from('A2B0'), Buffer.from(lookedUp).indexOf('cprt'));
  for (const file of [coarse, lookedUp, fixture('quarters-cmyk.jpg')]) {
    expect(decodeReduced(new Uint8Array(file))).toBeNull();
  }
  const upright = await detailed
    .clone()
    .withExif({ IFD0: { Orientation: '1' } })
    .jpeg()
    .toBuffer();
  expect(decodeReduced(new Uint8Array(upright))).not.toBeNull();
});

test('3,000 damaged progressive JPEGs are decoded or left to libjpeg; what follows is right', async () => {
  const random = new Random(2, 3);
  const files = [await progressive(), await progressive({ mozjpeg: true }), await profiled('p3')].map(
    (file) => new Uint8Array(file),
  );
  const before = files.map((file) => decodeReduced(file, 1 / 16)?.data);
  let decoded = 0;
  for (let turn = 0; turn < 3000; turn++) {
    const file = (files[turn % files.length] as Uint8Array).slice();
    for (let flips = 1 + random.integer(3); flips > 0; flips--) {
      file[random.integer(random.integer(2) === 0 ? file.length : 900)] = random.integer(256);
    }
    if (decodeReduced(file, 1 / 16)) decoded++;
  }
  expect(decoded).toBeGreaterThan(300);
  expect(decoded).toBeLessThan(2700);
  expect(files.map((file) => decodeReduced(file, 1 / 16)?.data)).toEqual(before);
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
