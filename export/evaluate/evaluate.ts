import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { abilitiesOf } from '#core/bundle/abilities.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { createMatcher } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { type ClassificationMetrics, type CorrespondenceMetrics, correspondenceMetrics } from '#core/metrics.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { openDigits } from './digits.ts';
import { judgeClassifiers, judgePairs } from './judge.ts';
import { openPrepared } from './prepared.ts';
import type { JudgedSplit, Part, TestSet } from './testSet.ts';

export interface EvaluateOptions extends Part {
  bundle: string;
  /** A folder that `clapper prepare` made, or `datasets/digits`. */
  dataset: string;
  progress: ProgressOutput;
}

/** The metrics of the split's fixed pairs, where bundle and dataset have what they take, and of each classifier. */
export interface Evaluation extends Partial<CorrespondenceMetrics> {
  split: JudgedSplit;
  /** Of what was classified; null: that is the split's. */
  fold: number | null;
  /** By their names: those that name what the dataset's clips are labelled with. */
  classifiers: Record<string, ClassificationMetrics>;
}

/**
 * Judges a bundle in ONNX Runtime as its network was judged in training.
 *
 * @throws {InputError} for a dataset that is not whole, was prepared at another rate, or has nothing that this bundle can be judged by.
 */
export async function evaluateBundle({ bundle: folder, ...options }: EvaluateOptions): Promise<Evaluation> {
  const bundle = await openBundleFolder(folder);
  try {
    return await evaluateOpened(bundle, options);
  } finally {
    await bundle.release();
  }
}

/** As {@link evaluateBundle}, of a bundle that is open. */
export async function evaluateOpened(
  bundle: Bundle,
  { dataset, progress, ...part }: Omit<EvaluateOptions, 'bundle'>,
): Promise<Evaluation> {
  const { manifest } = bundle;
  const matcher = createMatcher(bundle);
  const test = await openTestSet(dataset, manifest, part);
  const isMatched = abilitiesOf(manifest).includes('match') && test.pairs.list.length > 0;
  const judged = isMatched ? await judgePairs(matcher, test.pairs, progress) : null;
  const classifiers = await judgeClassifiers(matcher, manifest.classifiers, test, progress);
  if (!judged && Object.keys(classifiers).length === 0) throw nothingToJudge(manifest, dataset, test);
  return { split: test.split, fold: test.fold, ...(judged && correspondenceMetrics(judged)), classifiers };
}

/** @throws {InputError} for what is no dataset, or none that fits the bundle. */
export async function openTestSet(folder: string, manifest: BundleManifest, part: Part): Promise<TestSet> {
  if (existsSync(join(folder, 'dataset.json'))) return openPrepared(folder, manifest, part);
  if (existsSync(join(folder, 'sounds.csv'))) return openDigits(folder, manifest, part);
  throw new InputError(
    `Expected a dataset in ${folder} but it has no dataset.json. Make or finish one: npx clapper prepare --help`,
    'not_found',
  );
}

function nothingToJudge({ name, classifiers }: BundleManifest, dataset: string, test: TestSet): InputError {
  const { split, pairs, sounds, pictures } = test;
  const classes = classifiers.map(({ name, labels }) => `${name} with ${labels.length} labels`).join(', ') || 'none';
  return new InputError(
    `Expected something in ${dataset} to judge "${name}" by but its ${split} part has ${pairs.list.length} pairs, ` +
      `${sounds.items.length} sounds of ${sounds.labels.length} categories and ${pictures.items.length} things seen of ` +
      `${pictures.labels.length}; the bundle's classifiers: ${classes}. ` +
      'Name the dataset that it learnt from, or another --split.',
  );
}
