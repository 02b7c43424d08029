/** float32 `[rows, columns]`, row after row in one array. */
export interface Matrix {
  data: Float32Array;
  rows: number;
  columns: number;
}

/** @returns row `index`: a view, not a copy. */
export function rowOf({ data, columns }: Matrix, index: number): Float32Array {
  return data.subarray(index * columns, (index + 1) * columns);
}

/** @returns these rows of a matrix, in this order, each as often as it is named. */
export function takeRows(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const { columns } = matrix;
  const data = new Float32Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) data.set(rowOf(matrix, indices[i] as number), i * columns);
  return { data, rows: indices.length, columns };
}

/** @returns the rows of matrices of one width under one another; of one matrix, itself. */
export function stackMatrices(matrices: readonly Matrix[]): Matrix {
  const [first] = matrices;
  if (first && matrices.length === 1) return first;
  const columns = first?.columns ?? 0;
  const rows = matrices.reduce((sum, matrix) => sum + matrix.rows, 0);
  const data = new Float32Array(rows * columns);
  let end = 0;
  for (const matrix of matrices) {
    if (matrix.columns !== columns)
      throw new RangeError(`Expected rows of ${columns} numbers but received ${matrix.columns}.`);
    data.set(matrix.data, end);
    end += matrix.data.length;
  }
  return { data, rows, columns };
}

/** @param rows all of one length. */
export function matrixOf(rows: readonly ArrayLike<number>[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  const data = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    if (row.length !== columns)
      throw new RangeError(`Expected rows of ${columns} numbers but row ${i} has ${row.length}.`);
    data.set(row, i * columns);
  }
  return { data, rows: rows.length, columns };
}
