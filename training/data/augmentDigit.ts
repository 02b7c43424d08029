import { z } from 'zod';
import type { Random } from '#core/random.ts';

/** How differently one digit may be written, and shown. Each is drawn anew for every example. */
export const digitAugmentationSchema = z.strictObject({
  shiftPixels: z.number().nonnegative().describe('largest shift either way, pixels'),
  scale: z.tuple([z.number().positive(), z.number().positive()]).describe('range of sizes'),
  slant: z.number().nonnegative().describe('largest horizontal shift a row, either way'),
  turnRadians: z.number().nonnegative().describe('largest turn either way'),
  strokePixels: z.number().min(0).max(1).describe('largest thickening or thinning of the stroke, pixels'),
  invertShare: z.number().min(0).max(1).describe('share shown as dark ink on light paper'),
});
export type DigitAugmentation = z.infer<typeof digitAugmentationSchema>;

const size = 28; // MNIST's

/**
 * A written digit as a picture: moved, turned, slanted, with a thicker or thinner stroke, bright on dark or dark on bright.
 *
 * @param ink uint8 `[28, 28]`: 0 paper, 255 ink.
 * @param picture RGB uint8 `[28, 28, 3]`, written over.
 */
export function augmentDigit(ink: Uint8Array, picture: Uint8Array, options: DigitAugmentation, random: Random): void {
  const spread = (limit: number) => random.uniform(-limit, limit);
  const turn = spread(options.turnRadians);
  const scale = random.uniform(...options.scale);
  const slant = spread(options.slant);
  const [cos, sin] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
  const [shiftX, shiftY] = [spread(options.shiftPixels), spread(options.shiftPixels)];
  const stroke = withStroke(ink, spread(options.strokePixels));
  const isInverted = random.uniform() < options.invertShare;
  const middle = (size - 1) / 2;
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i += 3) {
      const dx = x - middle - shiftX;
      const dy = y - middle - shiftY;
      const value = sample(stroke, cos * dx + sin * dy + slant * dy + middle, cos * dy - sin * dx + middle);
      picture.fill(isInverted ? 255 - value : value, i, i + 3);
    }
  }
}

/** Mixes the image with its own dilation (amount > 0) or erosion (amount < 0) by a 3×3 cross. */
function withStroke(ink: Uint8Array, amount: number): Uint8Array {
  if (amount === 0) return ink;
  const choose = amount > 0 ? Math.max : Math.min;
  const share = Math.abs(amount);
  const result = new Uint8Array(ink.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const own = inkAt(ink, x, y);
      const extreme = choose(
        own,
        inkAt(ink, x - 1, y),
        inkAt(ink, x + 1, y),
        inkAt(ink, x, y - 1),
        inkAt(ink, x, y + 1),
      );
      result[y * size + x] = (1 - share) * own + share * extreme;
    }
  }
  return result;
}

/** Bilinear. */
function sample(ink: Uint8Array, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const wx = x - left;
  const wy = y - top;
  return (
    (1 - wy) * ((1 - wx) * inkAt(ink, left, top) + wx * inkAt(ink, left + 1, top)) +
    wy * ((1 - wx) * inkAt(ink, left, top + 1) + wx * inkAt(ink, left + 1, top + 1))
  );
}

/** Paper outside. */
function inkAt(ink: Uint8Array, x: number, y: number): number {
  return x < 0 || y < 0 || x >= size || y >= size ? 0 : (ink[y * size + x] as number);
}
