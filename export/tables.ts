import { type GoldenReport, toleranceOf } from '#core/bundle/golden.ts';
import type { Evaluation } from './evaluate.ts';

/** For people: each output's largest difference from the trainer's numbers. */
export function differencesTable(differences: GoldenReport['differences']): string {
  const rows = Object.entries(differences).map(([output, difference]) => {
    const tolerance = toleranceOf(output);
    const verdict = difference <= tolerance ? 'ok' : 'differs';
    return [output, difference.toExponential(1), tolerance.toExponential(0), verdict];
  });
  return table([['output', 'largest difference', 'allowed', ''], ...rows]);
}

/** For people: shares with their 95 % intervals. */
export function evaluationTable({ pairs, accuracy, accuracyInterval, rocAuc, classifiers }: Evaluation): string {
  const share = (value: number, [low, high]: [number, number]) =>
    `${value.toFixed(4)} (${low.toFixed(4)}–${high.toFixed(4)})`;
  const rows = Object.entries(classifiers).map(([name, classifier]) => [
    `${name} accuracy`,
    share(classifier.accuracy, classifier.accuracyInterval),
    `${classifier.items} items`,
  ]);
  return table([
    ['match accuracy', share(accuracy, accuracyInterval), `${pairs} pairs`],
    ['match ROC AUC', rocAuc.toFixed(4), ''],
    ...rows,
  ]);
}

function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd();
  return rows.map((row) => `  ${line(row)}\n`).join('');
}
