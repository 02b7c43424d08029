import { type Matrix, rowOf } from '#core/matrix.ts';

/** More tell no more of `models/nature`, and would stand in every manifest. */
const most = 64;
const rounds = 30;

/**
 * Unit vectors around which rows lie: spherical k-means (Dhillon & Modha 2001), begun at rows evenly spread.
 *
 * @param rows `[N, D]`.
 * @returns `[K, D]`, K at most 64 and at most N.
 */
export function directionsOf(rows: Matrix): Float32Array[] {
  const units = Array.from({ length: rows.rows }, (_, row) => unit(rowOf(rows, row)));
  const count = Math.min(most, units.length);
  let directions = Array.from(
    { length: count },
    (_, k) => units[Math.floor((k * units.length) / count)] as Float32Array,
  );
  for (let round = 0; round < rounds; round++) {
    const sums = directions.map((direction) => new Float32Array(direction.length));
    for (const one of units) {
      const sum = sums[nearest(directions, one)] as Float32Array;
      one.forEach((value, i) => {
        sum[i] = (sum[i] as number) + value;
      });
    }
    directions = sums.map((sum, k) => (sum.some(Boolean) ? unit(sum) : (directions[k] as Float32Array)));
  }
  return directions;
}

function nearest(directions: readonly Float32Array[], one: Float32Array): number {
  let [best, highest] = [0, Number.NEGATIVE_INFINITY];
  for (const [k, direction] of directions.entries()) {
    let dot = 0;
    for (let i = 0; i < one.length; i++) dot += (direction[i] as number) * (one[i] as number);
    if (dot > highest) [best, highest] = [k, dot];
  }
  return best;
}

function unit(row: Float32Array): Float32Array {
  const norm = Math.hypot(...row) || 1;
  return row.map((value) => value / norm);
}
