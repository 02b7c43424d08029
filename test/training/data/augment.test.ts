import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { augmentDigit, type DigitAugmentation } from '../../../training/data/augmentDigit.ts';
import { augmentVoice, type VoiceAugmentation } from '../../../training/data/augmentVoice.ts';

const still: DigitAugmentation = {
  shiftPixels: 0,
  scale: [1, 1],
  slant: 0,
  turnRadians: 0,
  strokePixels: 0,
  invertShare: 0,
};
const plain: VoiceAugmentation = {
  speed: [1, 1],
  peakDecibels: [0, 0],
  noiseDecibels: [-200, -200],
  anyPosition: false,
};

const tone = Float32Array.from({ length: 4000 }, (_, n) => 0.25 * Math.sin((2 * Math.PI * 500 * n) / 8000));

test('without augmentation a digit stays the digit, pixel for pixel', () => {
  const ink = Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 256);
  const picture = new Uint8Array(784 * 3);
  augmentDigit(ink, picture, still, new Random(0));
  expect([...picture.filter((_, i) => i % 3 === 1)]).toEqual([...ink]);
});

test('an inverted digit is dark ink on light paper', () => {
  const picture = new Uint8Array(784 * 3);
  augmentDigit(new Uint8Array(784), picture, { ...still, invertShare: 1 }, new Random(0));
  expect(Math.min(...picture)).toBe(255);
});

test('a digit moves by no more than the shift that is set', () => {
  const ink = new Uint8Array(784);
  ink[14 * 28 + 14] = 255;
  for (let seed = 0; seed < 100; seed++) {
    const picture = new Uint8Array(784 * 3);
    augmentDigit(ink, picture, { ...still, shiftPixels: 3 }, new Random(seed));
    const lit = [...picture.keys()].filter((i) => i % 3 === 0 && picture[i] !== 0).map((i) => i / 3);
    expect(lit.length).toBeGreaterThan(0);
    for (const i of lit) {
      expect(Math.abs((i % 28) - 14)).toBeLessThanOrEqual(4); // 3, and one more by interpolation
      expect(Math.abs(Math.floor(i / 28) - 14)).toBeLessThanOrEqual(4);
    }
  }
});

test('the peak of the voice is as far below full scale as is set', () => {
  const window = new Float32Array(8000);
  augmentVoice(tone, window, { ...plain, peakDecibels: [-20, -20] }, new Random(0));
  expect(Math.max(...window)).toBeCloseTo(0.1, 4);
});

test('a voice played a quarter faster is heard a quarter higher, by its zero crossings', () => {
  const window = new Float32Array(8000);
  augmentVoice(tone, window, { ...plain, speed: [1.25, 1.25] }, new Random(0));
  const sounding = window.slice(2600, 5400);
  const crossings = sounding.filter((x, n) => n > 0 && x >= 0 !== (sounding[n - 1] as number) >= 0).length;
  expect((crossings / 2 / sounding.length) * 8000).toBeCloseTo(625, -1);
});

test('the noise is as far below the peak as is set, whatever its colour', () => {
  for (let seed = 0; seed < 20; seed++) {
    const window = new Float32Array(8000);
    augmentVoice(new Float32Array(2), window, { ...plain, noiseDecibels: [-20, -20] }, new Random(seed));
    const power = window.reduce((sum, x) => sum + x * x, 0) / window.length;
    expect(Math.sqrt(power)).toBeGreaterThan(0.08);
    expect(Math.sqrt(power)).toBeLessThan(0.12);
  }
});

test('a recording longer than the window fills it', () => {
  const window = new Float32Array(1000);
  augmentVoice(tone, window, { ...plain, anyPosition: true }, new Random(4));
  expect(Math.max(...window.slice(0, 50))).toBeGreaterThan(0.5);
  expect(Math.max(...window.slice(-50))).toBeGreaterThan(0.5);
});
