import { readFile } from 'node:fs/promises';
import * as onnxruntime from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMatcher } from '#core/bundle/matcher.ts';
import { type Bundle, openBundle } from '#core/bundle/open.ts';
import { readDigits } from '#core/datasets/digits.ts';
import { Random } from '#core/random.ts';
import { digitFromInk, digitFromStrokes, toRgb } from '../../web-demo/picture/digit.ts';
import { handwriting, placeOnBoard } from './support/drawing.ts';

let bundle: Bundle;

beforeAll(async () => {
  bundle = await openBundle({ read: (file) => readFile(`models/digits/${file}`), runtime: onnxruntime });
});

afterAll(() => bundle.release());

/** @returns the share of the drawings that the published model reads as the digits that they are. */
async function shareRead(drawings: { digit: number; drawn: Uint8Array | null }[]): Promise<number> {
  const matcher = createMatcher(bundle);
  let right = 0;
  for (const { digit, drawn } of drawings) {
    const [read] = await matcher.classify('image', await matcher.embedImage(toRgb(drawn as Uint8Array)));
    if (read?.classes[0]?.label === String(digit)) right++;
  }
  return right / drawings.length;
}

test('the published model reads digits drawn by pen on the board, large and small', async () => {
  const drawings = handwriting.flatMap((strokes, digit) =>
    [0.2, 0.5, 1].map((scale) => {
      const scaled = strokes.map((stroke) => stroke.map(({ x, y }) => ({ x: scale * x, y: scale * y })));
      return { digit, drawn: digitFromStrokes(scaled) };
    }),
  );
  expect(await shareRead(drawings)).toBeGreaterThan(0.95);
});

test("it reads MNIST's test digits wherever on the board they stand and however large", async () => {
  const { images } = await readDigits((file) => readFile(`datasets/digits/${file}`), 'test');
  const random = new Random(5);
  const drawings = images
    .filter((_, i) => i % 10 === 0)
    .map(({ digit, ink }) => {
      const placement = {
        board: 160,
        scale: random.uniform(2, 4.5),
        x: random.uniform(0, 28),
        y: random.uniform(0, 28),
      };
      return { digit, drawn: digitFromInk(placeOnBoard(ink, placement)) };
    });
  expect(await shareRead(drawings)).toBeGreaterThanOrEqual(0.95);
});
