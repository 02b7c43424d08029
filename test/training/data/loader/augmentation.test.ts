import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import {
  type Augmentation,
  noAugmentation,
  publishedAugmentation,
} from '../../../../training/data/loader/augmentation.ts';
import { readSize, writePart } from '../../../../training/data/loader/native.ts';
import { drawCut, type PictureCut } from '../../../../training/data/loader/picture.ts';
import { writeSound } from '../../../../training/data/loader/sound.ts';

interface PillowFixture {
  size: { width: number; height: number };
  pictures: { name: string; jpeg: string; cases: { cut: PictureCut; rgb: string }[] }[];
}
const pillow: PillowFixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/augmentation/pillow.json', import.meta.url), 'utf8'),
);

function show(jpeg: Uint8Array, cut: PictureCut, size: PillowFixture['size']): Uint8ClampedArray {
  const target = new Uint8ClampedArray(size.width * size.height * 3);
  writePart(jpeg, cut, size, target);
  return target;
}

test.each(pillow.pictures)('a $name JPEG is decoded, cut, mirrored and coloured as by Pillow', ({ jpeg, cases }) => {
  for (const { cut, rgb } of cases) {
    const shown = show(Buffer.from(jpeg, 'hex'), cut, pillow.size);
    const expected = Buffer.from(rgb, 'hex');
    const differences = Array.from(shown, (value, i) => Math.abs(value - (expected[i] as number)));
    const isColoured = cut.brightness !== 1 || cut.saturation !== 1; // then Pillow rounds down, twice
    expect(Math.max(...differences)).toBeLessThanOrEqual(isColoured ? 3 : 2);
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(
      isColoured ? 1.2 : 0.2,
    );
  }
});

test('any part of a picture is what the whole picture shows there', () => {
  for (const { jpeg } of pillow.pictures) {
    const bytes = Buffer.from(jpeg, 'hex');
    const size = readSize(bytes);
    const plain = { isMirrored: false, brightness: 1, saturation: 1 };
    const whole = show(bytes, { left: 0, top: 0, ...plain }, size);
    for (let left = 0; left <= size.width - 9; left++) {
      const part = { width: 9, height: 7 };
      const top = (7 * left) % (size.height - 6);
      const shown = show(bytes, { left, top, ...plain }, part);
      for (let y = 0; y < 7; y++) {
        const from = 3 * ((top + y) * size.width + left);
        expect(shown.subarray(27 * y, 27 * y + 27)).toEqual(whole.subarray(from, from + 27));
      }
    }
  }
});

test('a JPEG cut short or overwritten anywhere is an error or a picture, never a crash or a hang', () => {
  const bytes = Buffer.from(pillow.pictures[0]?.jpeg ?? '', 'hex');
  const cut = { left: 3, top: 3, isMirrored: false, brightness: 1, saturation: 1 };
  const outcomes = new Set<string>();
  const decode = (damaged: Uint8Array) => {
    try {
      show(damaged, cut, pillow.size);
      return 'picture';
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (let end = 0; end < bytes.length; end++) outcomes.add(decode(bytes.subarray(0, end)));
  expect(outcomes).not.toContain('picture');
  const random = new Random(0);
  for (let i = 0; i < 3000; i++) {
    const damaged = Uint8Array.from(bytes);
    damaged[2 + random.integer(bytes.length - 2)] = random.integer(256);
    outcomes.add(decode(damaged));
  }
  for (const outcome of outcomes) expect(outcome).toMatch(/JPEG|^picture$/);
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

const plain = { rollSamples: 0, augmentation: noAugmentation, random: new Random(0) };

test('the volume differs by a tenth at most, and not at all when that is switched off', () => {
  const samples = Int16Array.of(-32768, 16384, 32767);
  const gains = Array.from({ length: 500 }, (_, seed) => {
    const window = new Float32Array(3);
    writeSound(samples, window, { rollSamples: 0, augmentation: publishedAugmentation, random: new Random(seed) });
    return (window[1] as number) * 2;
  });
  const [least = 0, most = 0] = rangeOf(gains);
  expect(least).toBeGreaterThanOrEqual(0.9);
  expect(least).toBeLessThan(0.905);
  expect(most).toBeLessThanOrEqual(1.1);
  expect(most).toBeGreaterThan(1.095);
  const window = new Float32Array(3);
  writeSound(samples, window, plain);
  expect([...window]).toEqual([-1, 0.5, 32767 / 32768]);
});

test('a sound shorter than its window stands in the middle of silence, whatever was there before', () => {
  const window = new Float32Array(7).fill(9);
  writeSound(Int16Array.of(16384, -16384), window, plain);
  expect([...window]).toEqual([0, 0, 0.5, -0.5, 0, 0, 0]);
});

test('a sound that goes round loses nothing: what leaves its window at the end comes in at the beginning', () => {
  const window = new Float32Array(5).fill(9);
  writeSound(Int16Array.of(8192, 16384, -16384), window, { ...plain, rollSamples: 3 });
  expect([...window]).toEqual([0.5, -0.5, 0, 0, 0.25]);
});
