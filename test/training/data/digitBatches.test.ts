import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { pairRows } from '../../../training/data/digitBatches.ts';

const batchOf = (seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: 32 }, () => random.integer(10));
};

test('a mismatched pair never shows the digit that is heard, a matching one always, for many seeds', () => {
  for (let seed = 0; seed < 200; seed++) {
    const digits = batchOf(seed);
    const { audioRows, imageRows, corresponds } = pairRows(digits, 8, new Random(seed, 1));
    for (const [i, label] of corresponds.entries()) {
      const isSameDigit = digits[audioRows[i] as number] === digits[imageRows[i] as number];
      expect(isSameDigit).toBe(label === 1);
    }
  }
});

test('neither side alone tells which pairs match: every sound and every image is mismatched about as often', () => {
  const digits = Array.from({ length: 30 }, (_, row) => row % 10); // three rows of each digit
  const counts = { audioRows: new Array<number>(30).fill(0), imageRows: new Array<number>(30).fill(0) };
  for (let seed = 0; seed < 300; seed++) {
    const pairs = pairRows(digits, 8, new Random(seed));
    for (const [i, label] of pairs.corresponds.entries()) {
      if (label === 1) continue;
      for (const side of ['audioRows', 'imageRows'] as const) increment(counts[side], pairs[side][i] as number);
    }
  }
  const expected = (300 * 8 * 27) / 30; // 8 shuffles, 27 of 30 partners show another digit
  const deviation = Math.sqrt(expected); // of a count
  for (const count of [...counts.audioRows, ...counts.imageRows])
    expect(Math.abs(count - expected)).toBeLessThan(5 * deviation);
});

function increment(counts: number[], position: number) {
  counts[position] = (counts[position] as number) + 1;
}
