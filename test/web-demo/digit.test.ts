import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DigitImage, digitImageSize, readDigits } from '#core/datasets/digits.ts';
import { Random } from '#core/random.ts';
import { digitFromInk, digitFromStrokes, type Stroke } from '../../web-demo/picture/digit.ts';
import { handwriting, placeOnBoard } from './support/drawing.ts';

let mnist: DigitImage[];

beforeAll(async () => {
  const split = await readDigits((file) => readFile(`datasets/digits/${file}`), 'test');
  mnist = split.images;
});

describe('pixels', () => {
  test("MNIST's own digits, enlarged and moved on a board, come back as MNIST made them", () => {
    const random = new Random(1);
    const chosen = mnist.filter((_, i) => i % 6 === 0);
    const same = chosen.filter(({ ink }) => {
      const placement = { board: 280, scale: 2 + random.integer(7), x: random.integer(28), y: random.integer(28) };
      return largestDifference(digitFromInk(placeOnBoard(ink, placement)), ink) === 0;
    });
    // In two of the 3,000 digits, both among these, the centre of mass lies halfway between two pixels, where MNIST rounded the other way.
    expect(same.length).toBeGreaterThanOrEqual(chosen.length - 2);
  });

  test('enlarged by any factor and moved anywhere, they come back as they were, give or take the rounding', () => {
    const random = new Random(2);
    const chosen = mnist.filter((_, i) => i % 30 === 0);
    const alike = chosen.filter(({ ink }) => {
      const placement = { board: 280, scale: random.uniform(4, 9), x: random.uniform(0, 28), y: random.uniform(0, 28) };
      return correlation(digitFromInk(placeOnBoard(ink, placement)), ink) > 0.9;
    });
    // In the others the centre of mass is near to halfway between two pixels and rounds to the other one.
    expect(alike.length / chosen.length).toBeGreaterThan(0.95);
  });

  test('a board without ink has no digit', () => {
    expect(digitFromInk({ width: 280, height: 280, values: new Uint8Array(280 * 280) })).toBeNull();
  });
});

describe('strokes', () => {
  test('a digit drawn small in a corner looks to the model like the same digit drawn large', () => {
    for (const strokes of handwriting) {
      const small = strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: 0.7 + 0.2 * x, y: 0.05 + 0.2 * y })));
      expect(largestDifference(digitFromStrokes(small), digitFromStrokes(strokes) as Uint8Array)).toBeLessThan(32);
    }
  });

  test("it fills 20 × 20 pixels, its centre of mass within a pixel of the middle, as MNIST's do", () => {
    for (const strokes of handwriting) {
      const digit = digitFromStrokes(strokes) as Uint8Array;
      const { width, height, massX, massY } = measure(digit);
      expect(Math.max(width, height)).toBe(20);
      expect(Math.abs(massX - 14)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(massY - 14)).toBeLessThanOrEqual(0.5);
    }
  });

  test("its pen is as thick as MNIST's: as much ink on average, within a tenth", () => {
    const inkOf = (digits: Uint8Array[]) =>
      digits.reduce((sum, digit) => sum + digit.reduce((a, b) => a + b, 0), 0) / digits.length;
    const drawn = inkOf(handwriting.map((strokes) => digitFromStrokes(strokes) as Uint8Array));
    const learned = inkOf(mnist.map(({ ink }) => ink));
    expect(drawn / learned).toBeGreaterThan(0.9);
    expect(drawn / learned).toBeLessThan(1.1);
  });

  test('a tap and an empty board are no digit', () => {
    const tap: Stroke = [{ x: 0.3, y: 0.8 }];
    expect(digitFromStrokes([tap])).toBeNull();
    expect(digitFromStrokes([])).toBeNull();
  });
});

function largestDifference(actual: Uint8Array | null, expected: Uint8Array): number {
  return expected.reduce((largest, value, i) => Math.max(largest, Math.abs((actual?.[i] ?? Number.NaN) - value)), 0);
}

function correlation(actual: Uint8Array | null, expected: Uint8Array): number {
  const dot = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return actual ? dot(actual, expected) / Math.sqrt(dot(actual, actual) * dot(expected, expected)) : 0;
}

function measure(digit: Uint8Array): { width: number; height: number; massX: number; massY: number } {
  const xs: number[] = [];
  const ys: number[] = [];
  let [mass, massX, massY] = [0, 0, 0];
  for (const [i, value] of digit.entries()) {
    const [x, y] = [i % digitImageSize, Math.floor(i / digitImageSize)];
    if (value > 0) xs.push(x);
    if (value > 0) ys.push(y);
    mass += value;
    massX += value * x;
    massY += value * y;
  }
  const extent = (at: number[]) => Math.max(...at) - Math.min(...at) + 1;
  return { width: extent(xs), height: extent(ys), massX: massX / mass, massY: massY / mass };
}
