import { describeFailures } from '#core/bundle/golden/check.ts';
import { differencesTable, table } from '../table.ts';
import { allowedShare, type FileComparison } from './against.ts';
import { batchSizes } from './batches.ts';
import type { VariantCheck, VerifyReport } from './verify.ts';

export function verifyReport({ files, onnx, variants, passed }: VerifyReport): string {
  const broken = Object.entries(onnx).flatMap(([file, problems]) =>
    problems.map((problem) => `  ${file}: ${problem}\n`),
  );
  const rules = broken.length > 0 ? `ONNX's rules are broken:\n${broken.join('')}` : "The graphs keep ONNX's rules.\n";
  const verdict = passed
    ? "ONNX Runtime gives the trainer's numbers.\n"
    : 'The bundle does not pass. Export the checkpoint again.\n';
  return `${files} files are as the manifest says. ${rules}${variants.map(variantReport).join('')}\n${verdict}`;
}

function variantReport({ variant, golden, batches, drops, problems }: VariantCheck): string {
  const most = Math.max(...Object.values(batches.differences));
  const lost = Object.entries(drops).map(([metric, drop]) => [metric, `${(-100 * drop).toFixed(2)} points`]);
  return [
    `\n${variant}\n${differencesTable(golden)}`,
    `  rows in batches of ${batchSizes.join(', ')}: apart by ${most.toExponential(1)}\n`,
    lost.length > 0 ? `  beside fp32:\n${table(lost)}` : '',
    golden.failed.length > 0 ? `  off: ${describeFailures(golden)}\n` : '',
    ...problems.map((problem) => `  ${problem}\n`),
  ].join('');
}

export function isSame(comparisons: FileComparison[]): boolean {
  return comparisons.every(({ differences }) =>
    Object.values(differences).every((difference) => difference <= allowedShare),
  );
}

export function againstReport(comparisons: FileComparison[]): string {
  const blocks = comparisons.map(({ name, bytes, nodes, operators, differences }) => {
    const counts = Object.entries(operators).map(([operator, [a, b]]) => [operator, String(a), String(b)]);
    const outputs = Object.entries(differences).map(([output, share]) => [output, share.toExponential(1)]);
    return `${name}\n${table([
      ['', 'this', 'the other'],
      ['bytes', ...bytes.map(String)],
      ['nodes', ...nodes.map(String)],
      ...counts,
    ])}  largest difference, as a share of the largest number:\n${table(outputs)}`;
  });
  const verdict = isSame(comparisons)
    ? 'Both give the same numbers.'
    : `They give other numbers: more than ${allowedShare} apart.`;
  return `${blocks.join('\n')}\n${verdict}\n`;
}
