import { abilitiesOf } from '#core/bundle/abilities.ts';
import { createDistance, createTurn, type Known, packDirections, unpackDirections } from '#core/bundle/known.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { createMatcher, type Encoded } from '#core/bundle/matcher.ts';
import type { Bundle } from '#core/bundle/open.ts';
import { type Matrix, rowOf, stackMatrices } from '#core/matrix.ts';
import { calibrationError } from '#core/metrics.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { encodeItems } from '../evaluate/encodeItems.ts';
import { openTestSet } from '../evaluate/evaluate.ts';
import { encodePairs, judgePairs } from '../evaluate/judge.ts';
import { openLearntSet } from '../evaluate/learntSet.ts';
import { type Item, validationPart } from '../evaluate/testSet.ts';
import { directionsOf } from './directions.ts';

export interface KnownOptions {
  /** What the bundle learnt from: its validation part is measured. */
  dataset: string;
  progress: ProgressOutput;
}

/**
 * What a bundle can say of its own answers: where the embeddings of the validation split lie, beside those that were trained on, and how far
 * P(match) is from the share that matches there.
 */
export async function measureKnown(
  bundle: Bundle,
  { dataset, progress }: KnownOptions,
): Promise<Pick<BundleManifest, 'known' | 'matching'>> {
  const { manifest } = bundle;
  const matcher = createMatcher(bundle);
  const learnt = await openLearntSet(dataset, manifest, mostItems);
  const { pairs, sounds, pictures } = await openTestSet(dataset, manifest, validationPart(manifest));
  const isMatched = abilitiesOf(manifest).includes('match') && pairs.list.length > 0;
  const only = { features: false };
  const known: NonNullable<BundleManifest['known']> = {};
  const heard = isMatched ? pairs.sounds : sounds.items;
  if (manifest.input.audio && learnt.sounds.length > 0 && heard.length > 0) {
    const encode = (windows: Float32Array[]) => matcher.encode('audio', windows, only);
    known.audio = await knownOf(heard, { learnt: learnt.sounds, encode });
  }
  const seen = isMatched ? pairs.pictures : pictures.items;
  if (manifest.input.image && learnt.pictures.length > 0 && seen.length > 0) {
    const encode = (images: Uint8Array[]) => matcher.encode('image', images, only);
    known.image = await knownOf(seen, { learnt: learnt.pictures, encode });
  }
  if (!isMatched) return { known, matching: manifest.matching };
  const judged = await judgePairs(matcher, pairs, await encodePairs(matcher, pairs, progress));
  const expectedCalibrationError = calibrationError(
    judged.map(({ score, corresponds }) => ({ score, isRight: corresponds })),
  );
  const calibration = { ...manifest.matching.calibration, expectedCalibrationError };
  return { known, matching: { ...manifest.matching, calibration } };
}

/** Of each kind, learnt from and held out: more say no more. */
const mostItems = 1000;

async function knownOf<Input>(
  heldOut: readonly Item<Input>[],
  { learnt, encode }: { learnt: readonly Item<Input>[]; encode: (inputs: Input[]) => Promise<Encoded> },
): Promise<Known> {
  const trained = await embeddingsOf(learnt, encode);
  const moments = momentsOf(trained);
  const packed = packDirections(directionsOf(trained));
  const directions = unpackDirections(packed, trained.columns);
  const some = heldOut.filter((_, i) => i % Math.ceil(heldOut.length / mostItems) === 0);
  const all = await embeddingsOf(some, encode);
  const rows = Array.from({ length: all.rows }, (_, row) => rowOf(all, row));
  return {
    items: all.rows,
    ...moments,
    distances: percentilesOf(rows.map(createDistance(moments))),
    directions: packed,
    turns: percentilesOf(rows.map(createTurn(directions))),
  };
}

async function embeddingsOf<Input>(
  items: readonly Item<Input>[],
  encode: (inputs: Input[]) => Promise<Encoded>,
): Promise<Matrix> {
  const rows: Matrix[] = [];
  for await (const { embeddings } of encodeItems(items, encode)) rows.push(embeddings);
  return stackMatrices(rows);
}

/** @returns the percentiles 0 to 100. */
function percentilesOf(values: number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return Array.from({ length: 101 }, (_, percent) =>
    short(sorted[Math.round((percent / 100) * (sorted.length - 1))] as number),
  );
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
