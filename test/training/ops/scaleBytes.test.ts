import { expect, test } from 'vitest';
import { scaleBytes } from '../../../training/ops/scaleBytes.ts';

test.each([
  ['all values, thousands of times', 0, 400_000],
  ['a number that four does not divide', 0, 1003],
  ['a view that begins in the middle of a word', 3, 1000],
])('bytes become floats as JavaScript computes them: %s', (_, start, length) => {
  const all = Uint8Array.from({ length: start + length }, (_, i) => (i * 7) % 256);
  const bytes = all.subarray(start);
  const values = scaleBytes(bytes, { scale: 1 / 127.5, offset: -1 }).dataSync();
  expect(values).toHaveLength(length);
  const largest = bytes.reduce(
    (most, byte, i) => Math.max(most, Math.abs((values[i] as number) - (byte / 127.5 - 1))),
    0,
  );
  expect(largest).toBeLessThan(1e-6);
});

test('bytes that threads share are read as they are when it is called', () => {
  const bytes = new Uint8Array(new SharedArrayBuffer(8)).fill(10);
  const values = scaleBytes(bytes, { scale: 1, offset: 0 });
  bytes.fill(20);
  expect([...values.dataSync()]).toEqual(Array(8).fill(10));
});
