import { matrixOf, rowOf } from '../../matrix.ts';
import type { Bundle } from '../open.ts';
import { headRows } from './headRows.ts';
import type { VariantGolden } from './variantFile.ts';

/** Runs the heads of a variant that was just made. */
export async function recordVariant(bundle: Bundle): Promise<VariantGolden> {
  const logits: VariantGolden['logits'] = {};
  for (const [graph, expected] of Object.entries(bundle.golden.logits)) {
    const rows = headRows(bundle, graph);
    if (!rows) continue;
    const { logits: given } = await bundle.run(graph, rows, ['logits']);
    const columns = matrixOf(expected).columns;
    const matrix = { data: given, rows: given.length / columns, columns };
    logits[graph] = Array.from({ length: matrix.rows }, (_, row) =>
      Array.from(rowOf(matrix, row), (value) => Number(value.toPrecision(8))),
    );
  }
  return { schema: 'clapper-golden-variant/1', logits };
}
