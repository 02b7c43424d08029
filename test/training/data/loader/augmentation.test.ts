import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import {
  type Augmentation,
  noAugmentation,
  publishedAugmentation,
} from '../../../../training/data/loader/augmentation.ts';
import { drawCut, type PictureCut, writeCut } from '../../../../training/data/loader/picture.ts';
import { writeSound } from '../../../../training/data/loader/sound.ts';

interface PillowFixture {
  width: number;
  height: number;
  rgb: string;
  size: { width: number; height: number };
  cases: { cut: PictureCut; rgb: string }[];
}
const pillow: PillowFixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/augmentation/pillow.json', import.meta.url), 'utf8'),
);

test('crop, mirroring, brightness and saturation are Pillow’s, to two levels of 255', () => {
  const { width, height, size, cases } = pillow;
  const data = Buffer.from(pillow.rgb, 'hex');
  for (const { cut, rgb } of cases) {
    const target = new Uint8Array(size.width * size.height * 3);
    writeCut({ data, width, height, channels: 3 }, cut, size, target);
    const expected = Buffer.from(rgb, 'hex');
    const difference = Math.max(...target.map((value, i) => Math.abs(value - (expected[i] as number))));
    expect(difference).toBeLessThanOrEqual(cut.brightness === 1 && cut.saturation === 1 ? 0 : 2);
  }
});

test('a colour that gets too bright or too strong stops at 0 and 255', () => {
  const data = Uint8Array.of(250, 10, 240);
  const target = new Uint8Array(3);
  const cut = { left: 0, top: 0, isMirrored: false, brightness: 1.5, saturation: 1.8 };
  writeCut({ data, width: 1, height: 1, channels: 3 }, cut, { width: 1, height: 1 }, target);
  expect([...target]).toEqual([255, 0, 255]);
});

const picture = { width: 340, height: 256 };
const size = { width: 224, height: 224 };
const drawCuts = (changes: Partial<Augmentation>) =>
  Array.from({ length: 2000 }, (_, seed) =>
    drawCut(picture, size, { ...publishedAugmentation, ...changes }, new Random(seed)),
  );
const rangeOf = (values: number[]) => [Math.min(...values), Math.max(...values)];

test('cuts reach every corner of the picture and colours the limits that are set, half of the pictures mirrored', () => {
  const cuts = drawCuts({ brightness: 0.2, saturation: 0.4 });
  expect(rangeOf(cuts.map(({ left }) => left))).toEqual([0, 116]);
  expect(rangeOf(cuts.map(({ top }) => top))).toEqual([0, 32]);
  for (const [values, limit] of [
    [cuts.map(({ brightness }) => brightness), 0.2],
    [cuts.map(({ saturation }) => saturation), 0.4],
  ] as const) {
    const [least = 0, most = 0] = rangeOf(values);
    expect(least).toBeGreaterThanOrEqual(1 - limit);
    expect(least).toBeLessThan(1 - 0.98 * limit);
    expect(most).toBeLessThanOrEqual(1 + limit);
    expect(most).toBeGreaterThan(1 + 0.98 * limit);
  }
  const mirrored = cuts.filter(({ isMirrored }) => isMirrored).length;
  expect(Math.abs(mirrored - 1000)).toBeLessThan(5 * Math.sqrt(500));
});

test('each switch leaves out one thing and changes no other', () => {
  const all = drawCuts({});
  expect(drawCuts({ randomCrop: false })).toEqual(all.map((cut) => ({ ...cut, left: 58, top: 16 })));
  expect(drawCuts({ flip: false })).toEqual(all.map((cut) => ({ ...cut, isMirrored: false })));
  expect(drawCuts({ brightness: 0 })).toEqual(all.map((cut) => ({ ...cut, brightness: 1 })));
  expect(drawCuts({ saturation: 0 })).toEqual(all.map((cut) => ({ ...cut, saturation: 1 })));
});

test('the volume differs by a tenth at most, and not at all when that is switched off', () => {
  const samples = Int16Array.of(-32768, 16384, 32767);
  const gains = Array.from({ length: 500 }, (_, seed) => {
    const window = new Float32Array(3);
    writeSound(samples, window, publishedAugmentation, new Random(seed));
    return (window[1] as number) * 2;
  });
  const [least = 0, most = 0] = rangeOf(gains);
  expect(least).toBeGreaterThanOrEqual(0.9);
  expect(least).toBeLessThan(0.905);
  expect(most).toBeLessThanOrEqual(1.1);
  expect(most).toBeGreaterThan(1.095);
  const window = new Float32Array(3);
  writeSound(samples, window, noAugmentation, new Random(0));
  expect([...window]).toEqual([-1, 0.5, 32767 / 32768]);
});

test('a sound shorter than its window stands in the middle of silence, whatever was there before', () => {
  const window = new Float32Array(7).fill(9);
  writeSound(Int16Array.of(16384, -16384), window, noAugmentation, new Random(0));
  expect([...window]).toEqual([0, 0, 0.5, -0.5, 0, 0, 0]);
});
