import { expect, test } from 'vitest';
import { compareDrawn } from './properties/sameNumbers.ts';

test('2,000 networks drawn from seeds give in ONNX Runtime what they give in TensorFlow.js', async () => {
  const { compared, wrong } = await compareDrawn(2000, 10_000);
  expect(wrong).toEqual([]);
  expect(compared).toBe(2000);
}, 1_800_000);
