import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { abilitiesOf } from '#core/bundle/abilities.ts';
import type { Variant } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { createMatcher, type Matcher } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import {
  type ClassificationMetrics,
  type CorrespondenceMetrics,
  classificationMetrics,
  correspondenceMetrics,
} from '#core/metrics.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { retrieveBothWays } from '#core/retrieval.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';
import { type AgainstCategory, judgeAgainst } from './against.ts';
import { openDigits } from './digits.ts';
import { drawEvaluation } from './drawings.ts';
import { askClassifiers, type EncodedPairs, encodePairs, judgePairs, scorePairs } from './judge.ts';
import type { Judged } from './judged.ts';
import { openPrepared } from './prepared.ts';
import type { JudgedSplit, Part, TestSet } from './testSet.ts';

export interface EvaluateOptions extends Part {
  bundle: string;
  /** Default fp32. */
  variant?: Variant | undefined;
  /** A folder that `clapper prepare` made, or `datasets/digits`. */
  dataset: string;
  /** Whose sounds every category's own are compared with. */
  against?: string | undefined;
  /** Folder for the SVG files that show it: calibration, confusions, retrieval. */
  drawings?: string | undefined;
  progress: ProgressOutput;
}

/** The metrics of the split's fixed pairs, where bundle and dataset have what they take, and of each classifier. */
export interface Evaluation extends Partial<CorrespondenceMetrics> {
  split: JudgedSplit;
  /** Of what was classified; null: that is the split's. */
  fold: number | null;
  /** Of one sound and ten pictures of different categories, how often its own scores highest; where the dataset joins by category. */
  pictureTop1?: number;
  /** The same of one picture and ten sounds. */
  soundTop1?: number;
  /** By their names: those that name what the dataset's clips are labelled with. */
  classifiers: Record<string, ClassificationMetrics>;
}

/**
 * Judges a bundle in ONNX Runtime as its network was judged in training.
 *
 * @throws {InputError} for a dataset that is not whole, was prepared at another rate, or has nothing that this bundle can be judged by.
 */
export async function evaluateBundle({
  bundle: folder,
  variant,
  drawings,
  ...options
}: EvaluateOptions): Promise<Evaluation & { against?: AgainstCategory; drawings?: string[] }> {
  const bundle = await openBundleFolder(folder, variant && { variant });
  try {
    const judged = await judge(bundle, options);
    return {
      ...evaluationOf(judged),
      ...(judged.against && { against: judged.against }),
      ...(drawings !== undefined && { drawings: await drawEvaluation(judged, drawings) }),
    };
  } finally {
    await bundle.release();
  }
}

/** As {@link evaluateBundle}, of a bundle that is open. */
export async function evaluateOpened(
  bundle: Bundle,
  options: Omit<EvaluateOptions, 'bundle' | 'variant' | 'drawings' | 'against'>,
): Promise<Evaluation> {
  return evaluationOf(await judge(bundle, options));
}

async function judge(
  bundle: Bundle,
  { dataset, against, progress, ...part }: Omit<EvaluateOptions, 'bundle' | 'drawings'>,
): Promise<Judged> {
  const { manifest } = bundle;
  const matcher = createMatcher(bundle);
  const test = await openTestSet(dataset, manifest, part);
  const isMatched = abilitiesOf(manifest).includes('match') && test.pairs.list.length > 0;
  const encoded = isMatched ? await encodePairs(matcher, test.pairs, progress) : null;
  const pairs = encoded && (await judgePairs(matcher, test.pairs, encoded));
  const score = encoded && ((list: { sound: number; picture: number }[]) => scorePairs(matcher, encoded, list));
  const retrieval = encoded ? await retrievalOf(matcher, { test, encoded }) : { picture: null, sound: null };
  const compared = score && against !== undefined ? await judgeAgainst(test.pairs, { category: against, score }) : null;
  if (against !== undefined && !compared) throw nothingToCompare(manifest, { dataset, against });
  const classified = await askClassifiers(matcher, manifest.classifiers, test, progress);
  if (!pairs && Object.keys(classified).length === 0) throw nothingToJudge(manifest, dataset, test);
  return { test, pairs, retrieval, classified, against: compared };
}

function evaluationOf({ test, pairs, retrieval, classified }: Judged): Evaluation {
  const { picture, sound } = retrieval;
  return {
    split: test.split,
    fold: test.fold,
    ...(pairs && correspondenceMetrics(pairs)),
    ...(picture && { pictureTop1: picture.top1 }),
    ...(sound && { soundTop1: sound.top1 }),
    classifiers: Object.fromEntries(
      Object.entries(classified).map(([name, { probabilities, items }]) => [
        name,
        classificationMetrics(probabilities, items),
      ]),
    ),
  };
}

/** Where the dataset joins by category. */
async function retrievalOf(
  matcher: Matcher,
  { test, encoded }: { test: TestSet; encoded: EncodedPairs },
): Promise<Judged['retrieval']> {
  const [sounds, pictures] = [test.pairs.sounds, test.pairs.pictures].map((items) =>
    items.map(({ categories }) => categories),
  ) as [string[][], string[][]];
  const isByCategory = [...sounds, ...pictures].every(({ length }) => length > 0);
  if (!isByCategory) return { picture: null, sound: null };
  return retrieveBothWays({ sounds, pictures, score: (pairs) => scorePairs(matcher, encoded, pairs) });
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

function nothingToCompare({ name }: BundleManifest, { dataset, against }: { dataset: string; against: string }) {
  return new InputError(
    `Expected pairs by category to compare with ${against} but ${dataset} has none that "${name}" can match. ` +
      'Leave out --against, or prepare the dataset by-class.',
  );
}
