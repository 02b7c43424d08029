import { formatBytes } from '#core/progress.ts';
import { shellWord } from '#node/shellWord.ts';
import { allowedDifference } from './compare/compare.ts';
import type { AgainstCategory } from './evaluate/against.ts';
import type { Evaluation } from './evaluate/evaluate.ts';
import type { ExportResult } from './export.ts';
import type { ModelExport } from './exportModel.ts';
import type { DrawnScores } from './samples/drawScores.ts';
import type { Samples } from './samples/writeSamples.ts';
import { differencesTable, table } from './table.ts';
import type { Recipe } from './variants/int8/encoder.ts';
import type { VariantReport } from './variants/makeVariants.ts';

// What the commands tell people.

export function exportReport(folder: string, { files, variants, ...golden }: ExportResult): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const beside = variants.length > 0 ? `\n${variantTable(variants)}` : '';
  const next = `Next: npx clapper serve --bundle ${shellWord(folder)}, or npx clapper evaluate --bundle ${shellWord(folder)} --dataset DIR\n`;
  return `${differencesTable(golden)}${beside}\n${folder}: ${files.length} files, ${formatBytes(bytes)}\n${next}`;
}

function variantTable(variants: VariantReport[]): string {
  const rows = variants.flatMap(({ variant, bytes, sizeShare, drops, speed, recipes }) => [
    [variant, 'size', `${formatBytes(bytes)}, ${sizeShare.toFixed(3)} × fp32`],
    ...Object.entries(drops).map(([metric, drop]) => [variant, metric, `${(-100 * drop).toFixed(2)} points`]),
    ...speed.map(({ graph, batch, ratio }) => [variant, `${graph}, batch ${batch}`, `${ratio.toFixed(2)} × as fast`]),
    ...Object.entries(recipes).map(([graph, recipe]) => [variant, graph, describeRecipe(recipe)]),
  ]);
  return table([['variant', 'beside fp32', ''], ...rows]);
}

function describeRecipe({ method, equalized, biasCorrected, leftOut, front }: Recipe): string {
  const left = leftOut.length > 0 && `in float32: ${leftOut.join(', ')}`;
  return [method, equalized && 'equalised', biasCorrected && 'bias corrected', front, left].filter(Boolean).join('; ');
}

export function modelReport(
  file: string,
  { bytes, nodes, inputs, outputs, warnings, ...compared }: ModelExport,
): string {
  const tensors = (what: string, list: typeof inputs) =>
    list.map(({ name, type, shape }) => `  ${what} ${name} ${type} [${shape.join(', ')}]\n`).join('');
  const largest = Math.max(0, ...Object.values(compared.differences));
  const verdict =
    compared.tfjs === null
      ? `  not compared with TensorFlow.js: ${compared.reason}\n`
      : `  ONNX Runtime against TensorFlow.js ${compared.tfjs} on seeded inputs: largest difference ${largest.toExponential(1)} (${allowedDifference.toExponential(0)} allowed)\n`;
  const notes = warnings.map((warning) => `  note: ${warning}\n`).join('');
  return `${file}: ${nodes} nodes, ${formatBytes(bytes)}\n${tensors('input', inputs)}${tensors('output', outputs)}${verdict}${notes}`;
}

export function evaluationReport({
  classifiers,
  split,
  fold,
  against,
  drawings = [],
  ...correspondence
}: Evaluation & { against?: AgainstCategory; drawings?: string[] }): string {
  const { pairs, ...ofPairs } = correspondence;
  const matched = pairs === undefined ? [] : metricLines('match', ofPairs, `${pairs} pairs of the ${split} split`);
  const where = fold === null ? `the ${split} split` : `fold ${fold}`;
  const named = Object.entries(classifiers).flatMap(([name, { items, ...metrics }]) =>
    metricLines(name, metrics, `${items} items of ${where}`),
  );
  const compared = (against?.categories ?? []).map(({ category, own, other, share }) => [
    `${category} against ${against?.category}`,
    `${own.toFixed(3)} and ${other.toFixed(3)}`,
    `own higher in ${(100 * share).toFixed(0)} %`,
  ]);
  const counted = against ? [[`higher than with ${against.category}`, `${against.better} of ${against.of}`, '']] : [];
  const files = drawings.map((file) => `${file}\n`).join('');
  return table([...matched, ...named, ...compared, ...counted]) + files;
}

/** A metric a line, with its interval where there is one; the first also says what was judged. */
function metricLines(name: string, metrics: Record<string, number>, judged: string): string[][] {
  return Object.keys(metrics)
    .filter((metric) => !/(Low|High)$/.test(metric))
    .map((metric, i) => {
      const [value, low, high] = Number.isNaN(metrics[metric])
        ? ['none: all are of one kind']
        : ['', 'Low', 'High'].map((end) => metrics[metric + end]?.toFixed(4));
      return [`${name} ${metric}`, low ? `${value} (${low}–${high})` : (value ?? ''), i === 0 ? judged : ''];
    });
}

export function samplesReport(written: Samples[]): string {
  const lines = written.map(
    ({ folder, sounds, pictures }) => `${folder}: ${sounds.length} sounds, ${pictures.length} pictures, CREDITS.md\n`,
  );
  const { bundle, sounds, pictures } = written[0] as Samples;
  const [verb, ...flags] = [
    sounds[0] && pictures[0] ? 'match' : 'embed',
    sounds[0] && `--audio ${shellWord(sounds[0])}`,
    pictures[0] && `--image ${shellWord(pictures[0])}`,
  ];
  return `${lines.join('')}Next: npx clapper ${verb} --bundle ${shellWord(bundle)} ${flags.filter(Boolean).join(' ')}\n`;
}

export function scoresReport(file: string, { subjects, scores }: DrawnScores): string {
  const rows = scores.map((row, i) => [subjects[i] as string, ...row.map((score) => score.toFixed(3))]);
  return `${table([['picture, by sound', ...subjects], ...rows])}${file}\n`;
}
