import type { GoldenReport } from '#core/bundle/golden.ts';
import { formatBytes } from '#core/progress.ts';
import type { Evaluation } from './evaluate.ts';
import type { ExportResult } from './export.ts';

// What the commands tell people.

export function exportReport(folder: string, { files, ...golden }: ExportResult): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${differencesTable(golden)}\n${folder}: ${files.length} files, ${formatBytes(bytes)}\n`;
}

export function verifyReport(golden: GoldenReport): string {
  const { failed } = golden;
  const verdict =
    failed.length === 0
      ? "ONNX Runtime gives the trainer's numbers."
      : `ONNX Runtime does not give the trainer's numbers: ${failed.join(', ')}. Export the checkpoint again.`;
  return `${differencesTable(golden)}\n${verdict}\n`;
}

export function evaluationReport({ pairs, accuracy, accuracyInterval, rocAuc, classifiers }: Evaluation): string {
  const share = (value: number, [low, high]: [number, number]) =>
    `${value.toFixed(4)} (${low.toFixed(4)}–${high.toFixed(4)})`;
  return table([
    ['match accuracy', share(accuracy, accuracyInterval), `${pairs} pairs`],
    ['match ROC AUC', rocAuc.toFixed(4), ''],
    ...Object.entries(classifiers).map(([name, classifier]) => [
      `${name} accuracy`,
      share(classifier.accuracy, classifier.accuracyInterval),
      `${classifier.items} items`,
    ]),
  ]);
}

function differencesTable({ differences, allowed }: Pick<GoldenReport, 'differences' | 'allowed'>): string {
  const rows = Object.entries(differences).map(([output, difference]) => {
    const tolerance = allowed[output] as number;
    const verdict = difference <= tolerance ? 'ok' : 'differs';
    return [output, difference.toExponential(1), tolerance.toExponential(1), verdict];
  });
  return table([['output', 'largest difference', 'allowed', ''], ...rows]);
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ');
  return rows.map((row) => `  ${line(row).trimEnd()}\n`).join('');
}
