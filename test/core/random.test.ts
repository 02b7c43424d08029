import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';

test('the numbers of a seed are sfc32’s, on every engine and for good: checkpoints and golden files rest on them', () => {
  // Made by PractRand's algorithm in C: tmp = a + b + counter++; a = b ^ (b >> 9); b = c + (c << 3);
  // c = ((c << 21) | (c >> 11)) + tmp; from a = 42, b = 7, c = 0x9e3779b9, counter = 1, after 16 numbers.
  const random = new Random(42, 7);
  expect(Array.from({ length: 4 }, () => random.uint32())).toEqual([2215954665, 1121348086, 2958234148, 3429650850]);
});

test('a generator made from a saved state goes on with the same numbers', () => {
  const first = new Random(5);
  for (let i = 0; i < 100; i++) first.uint32();
  const second = new Random(first.state);
  expect(Array.from({ length: 10 }, () => second.uint32())).toEqual(Array.from({ length: 10 }, () => first.uint32()));
});

test('streams of one seed share no numbers', () => {
  const drawn = [1, 2].flatMap((stream) => {
    const random = new Random(9, stream);
    return Array.from({ length: 200 }, () => random.uint32());
  });
  expect(new Set(drawn).size).toBe(400);
});

test('whole numbers below ten, and normal numbers, are spread as they should be over 100,000 draws', () => {
  const random = new Random(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) increment(counts, random.integer(10));
  // Chi-squared with 9 degrees of freedom is above 27.88 once in a thousand seeds.
  expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.88);
  const normal = Array.from({ length: 100_000 }, () => random.normal());
  const mean = normal.reduce((sum, x) => sum + x, 0) / normal.length;
  const variance = normal.reduce((sum, x) => sum + (x - mean) ** 2, 0) / normal.length;
  expect(Math.abs(mean)).toBeLessThan(0.015); // 4.7 standard errors
  expect(Math.abs(variance - 1)).toBeLessThan(0.02);
});

test('shuffling keeps every item and puts each first about equally often', () => {
  const random = new Random(2);
  const first = new Array<number>(5).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const shuffled = random.shuffle([0, 1, 2, 3, 4]);
    expect([...shuffled].sort()).toEqual([0, 1, 2, 3, 4]);
    increment(first, shuffled[0] as number);
  }
  for (const count of first) expect(Math.abs(count - 2000)).toBeLessThan(200); // 5 standard deviations
});

function increment(counts: number[], position: number) {
  counts[position] = (counts[position] as number) + 1;
}
