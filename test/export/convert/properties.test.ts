import { expect, test } from 'vitest';
import { compareDrawn } from './properties/sameNumbers.ts';

test('50 networks drawn from seeds give in ONNX Runtime what they give in TensorFlow.js', async () => {
  const { compared, wrong } = await compareDrawn(50, 1);
  expect(wrong).toEqual([]);
  expect(compared).toBe(50);
});
