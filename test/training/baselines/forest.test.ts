import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { growForest } from '../../../training/baselines/forest.ts';

/** Three rings around each other: no line parts them. */
function rings(count: number, random: Random): { rows: Float32Array[]; categories: number[] } {
  const categories = Array.from({ length: count }, (_, i) => i % 3);
  const rows = categories.map((category) => {
    const [angle, radius] = [random.uniform(0, 2 * Math.PI), category + random.uniform(0.2, 0.8)];
    return Float32Array.of(radius * Math.cos(angle), radius * Math.sin(angle), random.normal(), 7);
  });
  return { rows, categories };
}

test('a forest tells apart what no line does, beside noise and a number that never differs, and the same seed grows the same', () => {
  const [learnt, asked] = [rings(600, new Random(1)), rings(300, new Random(2))];
  const grow = (seed: number) => growForest(learnt.rows, learnt.categories, { trees: 60, classes: 3, seed });
  const classify = grow(5);
  const right = asked.rows.filter((row, i) => {
    const probabilities = classify(row);
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    return probabilities.indexOf(Math.max(...probabilities)) === asked.categories[i];
  });
  expect(right.length / 300).toBeGreaterThan(0.9);
  const [row] = asked.rows as [Float32Array];
  expect(grow(5)(row)).toEqual(classify(row));
});
