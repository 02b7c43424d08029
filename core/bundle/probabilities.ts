import type { Matrix } from '../matrix.ts';

/** @returns e^logit over their sum, row by row. */
export function softmaxRows({ data, rows, columns }: Matrix): Matrix {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const place = row * columns;
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = place; i < place + columns; i++) highest = Math.max(highest, data[i] as number);
    let sum = 0;
    for (let i = place; i < place + columns; i++) sum += Math.exp((data[i] as number) - highest);
    for (let i = place; i < place + columns; i++) result[i] = Math.exp((data[i] as number) - highest) / sum;
  }
  return { data: result, rows, columns };
}
