import { expect, test } from 'vitest';
import { toHalves } from '../../../export/variants/float16.ts';

/** As IEEE 754 defines binary16. */
function halfValue(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

test('every number that float16 has comes back as it was', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = halfValue(bits);
    if (Number.isNaN(value)) continue;
    expect(toHalves(Float32Array.of(value))[0]).toBe(bits);
  }
});

test('a number between two is rounded to the nearer, and halfway to the even', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [halfValue(bits), halfValue(bits + 1)];
    const middle = (low + high) / 2; // exact in float32
    const even = bits % 2 === 0 ? bits : bits + 1;
    const step = (high - low) / 8;
    expect([...toHalves(Float32Array.of(middle, middle - step, middle + step))]).toEqual([even, bits, bits + 1]);
  }
});

test('what is too large becomes infinite, what is no number stays none', () => {
  expect([...toHalves(Float32Array.of(65519, 65520, -1e9, Number.POSITIVE_INFINITY))]).toEqual([
    0x7bff, 0x7c00, 0xfc00, 0x7c00,
  ]);
  expect(halfValue(toHalves(Float32Array.of(Number.NaN))[0] as number)).toBeNaN();
});
