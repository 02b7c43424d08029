import type { GoldenReport } from '#core/bundle/golden/check.ts';

/** Largest difference of each output, and what is allowed. */
export function differencesTable({ differences, allowed }: Pick<GoldenReport, 'differences' | 'allowed'>): string {
  const rows = Object.entries(differences).map(([output, difference]) => {
    const tolerance = allowed[output] as number;
    const verdict = difference <= tolerance ? 'ok' : 'differs';
    return [output, difference.toExponential(1), tolerance.toExponential(1), verdict];
  });
  return table([['output', 'largest difference', 'allowed', ''], ...rows]);
}

/** Columns of one width each, indented. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ');
  return rows.map((row) => `  ${line(row).trimEnd()}\n`).join('');
}
