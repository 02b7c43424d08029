import { expect, test } from 'vitest';
import { sharpness } from '../../../training/classify/temperature.ts';

test('scores that tell no class from another stay as they are', () => {
  expect(sharpness({ scores: [Float32Array.of(-1, -1), Float32Array.of(-2, -2)], categories: [0, 1] })).toBe(1);
});
