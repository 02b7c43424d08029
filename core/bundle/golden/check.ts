import { InputError } from '../../errors.ts';
import { type Matrix, matrixOf } from '../../matrix.ts';
import type { Bundle } from '../open.ts';
import { softmaxRows } from '../probabilities.ts';
import { headRows } from './headRows.ts';
import { goldenImage, goldenWaveform } from './inputs.ts';
import {
  classSeparation,
  leastSeparation,
  leastVariation,
  ownTolerances,
  relativeDifference,
  rowVariation,
  toleranceCaps,
} from './tolerance.ts';

export interface GoldenReport {
  /** Of each output: the largest difference from the golden file, as a share of the largest number in its row. */
  differences: Record<string, number>;
  /** The largest that the variant may have: what its manifest says, at most the cap. */
  allowed: Record<string, number>;
  /** The outputs whose golden numbers say nothing: rows all alike, classes that no row tells apart. */
  silent: string[];
  /** The outputs whose difference is above what is allowed (or not a number), and the silent ones; empty: the bundle runs as trained. */
  failed: string[];
}

/**
 * Runs graphs of the bundle on the golden inputs.
 *
 * @param graphs by their names; default all.
 */
export async function replayGolden(bundle: Bundle, graphs?: readonly string[]): Promise<GoldenReport> {
  const report: GoldenReport = { differences: {}, allowed: {}, silent: [], failed: [] };
  for (const { name } of bundle.manifest.graphs) {
    if (graphs && !graphs.includes(name)) continue;
    try {
      if (name === 'audio' || name === 'image') await checkEncoder(bundle, name, report);
      else await checkHead(bundle, name, report);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      fail(report, name); // the golden file's rows are not of the graph's sizes
    }
  }
  return report;
}

/**
 * The golden check as a condition: verify, server and page go on only behind it.
 *
 * @param where the bundle's place, for the message.
 * @throws {InputError} where the bundle does not give its trainer's numbers here.
 */
export async function expectGolden(bundle: Bundle, where: string): Promise<GoldenReport> {
  const report = await replayGolden(bundle);
  if (report.failed.length === 0) return report;
  throw new InputError(
    `The ${bundle.variant} graphs of ${where} do not give their trainer's numbers here: ${describeFailures(report)}. ` +
      'Do not trust its scores: copy the bundle again, or export it anew with npx clapper export.',
  );
}

/** @returns the outputs that failed, and by how much. */
export function describeFailures({ failed, silent, differences, allowed }: GoldenReport): string {
  return failed
    .map((output) => {
      if (silent.includes(output)) return `${output} (its golden numbers say nothing: all alike)`;
      const [difference, most] = [differences[output], allowed[output]].map((value) => value?.toPrecision(2));
      return `${output} (off by ${difference}, ${most} allowed)`;
    })
    .join(', ');
}

async function checkEncoder(bundle: Bundle, sense: 'audio' | 'image', report: GoldenReport): Promise<void> {
  const { manifest, golden } = bundle;
  const { audio, image } = manifest.input;
  const expected = golden.encoders[sense];
  const outputs = [`${sense}_embedding`, `${sense}_features`] as const;
  if (!manifest.input[sense]) return;
  if (!expected) {
    for (const output of outputs) fail(report, output);
    return;
  }
  // One after the other: a page's memory is small, and so the first run's outputs are there for comparing.
  const given = { embeddings: [] as Float32Array[], features: [] as Float32Array[] };
  for (const seed of golden.seeds) {
    const input =
      sense === 'audio'
        ? goldenWaveform(seed, audio?.samples ?? 0)
        : goldenImage(seed, image ?? { width: 0, height: 0 });
    const name = sense === 'audio' ? 'waveform' : 'image';
    const isFirst = given.embeddings.length === 0;
    const output = await bundle.run(sense, { [name]: input }, isFirst ? outputs : [outputs[0]]);
    given.embeddings.push(output[outputs[0]] as Float32Array);
    if (isFirst) given.features.push(output[outputs[1]] as Float32Array);
  }
  for (const [output, actual, numbers] of [
    [outputs[0], given.embeddings, expected.embeddings],
    [outputs[1], given.features, [expected.features]],
  ] as const) {
    const rows = matrixOf(numbers);
    const isSilent = rowVariation(rows) < leastVariation;
    const cap = toleranceCaps[bundle.variant].encoder;
    compare(bundle, { output, actual: matrixOf(actual), expected: rows, cap, isSilent }, report);
  }
}

/** Logits as the trainer's; probabilities as follow from them. */
async function checkHead(bundle: Bundle, graph: string, report: GoldenReport): Promise<void> {
  const numbers = bundle.golden.logits[graph];
  const rows = headRows(bundle, graph);
  if (!numbers || !rows) {
    fail(report, graph);
    return;
  }
  const output = graph === 'match' ? 'probability' : 'probabilities';
  const { logits, [output]: probabilities } = await bundle.run(graph, rows, ['logits', output]);
  const expected = matrixOf(numbers);
  const actual = { data: logits, rows: logits.length / expected.columns, columns: expected.columns };
  const separation = classSeparation(expected);
  const cap = Math.min(toleranceCaps[bundle.variant].head, separation / 4);
  compare(bundle, { output: graph, actual, expected, cap, isSilent: !(separation >= leastSeparation) }, report);

  if (bundle.variant !== 'fp32') checkOwn(bundle, { graph, actual }, report);

  const classes = softmaxRows(actual);
  const follows =
    output === 'probability'
      ? Float32Array.from({ length: actual.rows }, (_, row) => classes.data[2 * row + 1] as number)
      : classes.data;
  const apart = follows.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (probabilities[i] ?? Number.NaN))),
    0,
  );
  const name = `${graph} ${output}`;
  report.differences[name] = follows.length === probabilities.length ? apart : Number.NaN;
  report.allowed[name] = bundle.variant === 'fp32' ? 1e-5 : 1e-2;
  if (!((report.differences[name] as number) <= (report.allowed[name] as number))) report.failed.push(name);
}

/** What a variant gave when it was made, to see what its distance from the trainer's numbers hides. */
function checkOwn(
  { variant, variantGolden }: Bundle,
  { graph, actual }: { graph: string; actual: Matrix },
  report: GoldenReport,
): void {
  const output = `${graph} as made`;
  const numbers = variantGolden?.logits[graph];
  const allowed = ownTolerances[variant];
  const difference = numbers ? relativeDifference(actual, matrixOf(numbers)) : Number.NaN;
  report.differences[output] = difference;
  report.allowed[output] = allowed;
  if (!(difference <= allowed)) report.failed.push(output);
}

interface Comparison {
  output: string;
  actual: Matrix;
  expected: Matrix;
  cap: number;
  isSilent: boolean;
}

function compare({ manifest, variant }: Bundle, comparison: Comparison, report: GoldenReport): void {
  const { output, actual, expected, cap, isSilent } = comparison;
  const declared = manifest.variants[variant]?.tolerance[output] ?? 0;
  const difference = relativeDifference(actual, expected);
  const allowed = Math.min(declared, cap);
  report.differences[output] = difference;
  report.allowed[output] = allowed;
  if (isSilent) report.silent.push(output);
  if (isSilent || !(difference <= allowed)) report.failed.push(output); // written so that NaN fails
}

/** For what the golden file lacks. */
function fail(report: GoldenReport, output: string): void {
  report.differences[output] = Number.NaN;
  report.allowed[output] = 0;
  report.failed.push(output);
}
