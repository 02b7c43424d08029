import { distanceFrom, type Known } from '#core/bundle/known.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { createMatcher, type Encoded } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { type Matrix, rowOf, stackMatrices } from '#core/matrix.ts';
import { calibrationError } from '#core/metrics.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { encodeItems } from '../evaluate/encodeItems.ts';
import { openTestSet } from '../evaluate/evaluate.ts';
import { encodePairs, judgePairs } from '../evaluate/judge.ts';
import type { Item } from '../evaluate/testSet.ts';
import type { CalibrationSet } from '../variants/calibrationSet.ts';

export interface KnownOptions {
  /** Inputs of the part that was trained on. */
  trained: CalibrationSet;
  /** Whose validation part is measured. */
  dataset: string;
  progress: ProgressOutput;
}

/**
 * What a bundle can say of its own answers: where the embeddings of the validation split lie, beside those that were trained on, and how far
 * P(match) is from the share that matches there.
 */
export async function measureKnown(
  bundle: Bundle,
  { trained, dataset, progress }: KnownOptions,
): Promise<Pick<BundleManifest, 'known' | 'matching'>> {
  const { manifest } = bundle;
  const matcher = createMatcher(bundle);
  const { pairs, sounds, pictures } = await openTestSet(dataset, manifest, { split: 'validation' });
  const only = { features: false };
  const known: NonNullable<BundleManifest['known']> = {};
  const heard = pairs.sounds.length > 0 ? pairs.sounds : sounds.items;
  if (manifest.input.audio && trained.sounds.length > 0 && heard.length > 0) {
    const encode = (windows: Float32Array[]) => matcher.encode('audio', windows, only);
    known.audio = await knownOf(heard, { trained: trained.sounds, encode });
  }
  const seen = pairs.pictures.length > 0 ? pairs.pictures : pictures.items;
  if (manifest.input.image && trained.pictures.length > 0 && seen.length > 0) {
    const encode = (images: Uint8Array[]) => matcher.encode('image', images, only);
    known.image = await knownOf(seen, { trained: trained.pictures, encode });
  }
  if (pairs.list.length === 0) return { known, matching: manifest.matching };
  const judged = await judgePairs(matcher, pairs, await encodePairs(matcher, pairs, progress));
  const expectedCalibrationError = calibrationError(
    judged.map(({ score, corresponds }) => ({ score, isRight: corresponds })),
  );
  const calibration = { ...manifest.matching.calibration, expectedCalibrationError };
  return { known, matching: { ...manifest.matching, calibration } };
}

/** More say no more. */
const mostItems = 1000;

async function knownOf<Input>(
  items: readonly Item<Input>[],
  { trained, encode }: { trained: Input[]; encode: (inputs: Input[]) => Promise<Encoded> },
): Promise<Known> {
  const { mean, deviation } = momentsOf((await encode(trained)).embeddings);
  const some = items.filter((_, i) => i % Math.ceil(items.length / mostItems) === 0);
  const rows: Matrix[] = [];
  for await (const { embeddings } of encodeItems(some, encode)) rows.push(embeddings);
  const all = stackMatrices(rows);
  const distances = Array.from({ length: all.rows }, (_, row) => distanceFrom({ mean, deviation }, rowOf(all, row)));
  distances.sort((a, b) => a - b);
  const percentile = (percent: number) => distances[Math.round((percent / 100) * (distances.length - 1))] as number;
  return {
    items: all.rows,
    mean,
    deviation,
    distances: Array.from({ length: 101 }, (_, percent) => short(percentile(percent))),
  };
}

function momentsOf(matrix: Matrix): { mean: number[]; deviation: number[] } {
  const { data, rows, columns } = matrix;
  const column = (i: number) => Array.from({ length: rows }, (_, row) => data[row * columns + i] as number);
  const mean = Array.from({ length: columns }, (_, i) => column(i).reduce((sum, value) => sum + value, 0) / rows);
  const deviation = mean.map((centre, i) =>
    Math.sqrt(column(i).reduce((sum, value) => sum + (value - centre) ** 2, 0) / rows),
  );
  return { mean: mean.map(short), deviation: deviation.map(short) };
}

const short = (value: number) => Number(value.toPrecision(6));
