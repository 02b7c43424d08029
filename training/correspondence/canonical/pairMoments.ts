import { Matrix } from 'ml-matrix';
import type { EncodedClip } from './encodeClips.ts';

/** Of one side's rows of pairs. */
export interface SideMoments {
  /** `[1, D]` */
  mean: Matrix;
  /** `[D, D]` */
  covariance: Matrix;
}

/** Of the rows of sounds and pictures that belong together. */
export interface PairMoments {
  audio: SideMoments;
  image: SideMoments;
  /** `[D, E]`: the covariance of a sound's numbers with its picture's. */
  cross: Matrix;
}

export interface WeightedRows {
  /** `[D]` each. */
  rows: Float32Array[];
  /** Of each row, adding up to 1. */
  weights: number[];
}

/** @param audio row i belongs to row i of `image`, and weighs the same. */
export function momentsOfPairs(audio: Float32Array[], image: Float32Array[], weights: number[]): PairMoments {
  const [heard, seen] = [centred({ rows: audio, weights }), centred({ rows: image, weights })];
  return { audio: heard.moments, image: seen.moments, cross: heard.rows.transpose().mmul(seen.rows) };
}

/** Pictures with the sound around them; every clip counts as much, however many pictures it has. @param clips of which both are known. */
export function momentsOfClips(clips: readonly EncodedClip[]): PairMoments {
  const pairs = clips.flatMap(({ sounds, pictures }) =>
    pictures.map(({ row, window }) => ({
      audio: sounds[window] as Float32Array,
      image: row,
      weight: 1 / pictures.length / clips.length,
    })),
  );
  return momentsOfPairs(
    pairs.map(({ audio }) => audio),
    pairs.map(({ image }) => image),
    pairs.map(({ weight }) => weight),
  );
}

/** Every sound of a category with every picture of it; every category that has both counts as much. @param clips with such a category. */
export function momentsOfCategories(clips: readonly EncodedClip[]): PairMoments {
  const [sounds, pictures] = [byCategory(clips, soundsOf), byCategory(clips, ({ pictures }) => pictures.map(rowOf))];
  const categories = [...sounds.keys()].filter((category) => pictures.has(category)).sort();
  const side = (rows: Map<string, Float32Array[]>) => {
    const own = categories.map((category) => rows.get(category) as Float32Array[]);
    const weights = own.flatMap((some) => some.map(() => 1 / some.length / categories.length));
    return { ...centred({ rows: own.flat(), weights }), sizes: own.map(({ length }) => length) };
  };
  const [heard, seen] = [side(sounds), side(pictures)];
  // Within a category sound and picture are independent: what goes together are the categories' means.
  const cross = means(heard)
    .transpose()
    .mmul(means(seen))
    .mul(1 / categories.length);
  return { audio: heard.moments, image: seen.moments, cross };
}

/**
 * Of pairs that are drawn from the one set or, with the chance `share`, from the other, each seen from its own mean. Both sets' rows are
 * brought to one variance first.
 */
export function poolMoments(one: PairMoments, other: PairMoments, share: number): PairMoments {
  const side = (name: 'audio' | 'image'): SideMoments => ({
    mean: one[name].mean,
    covariance: blend(scaled(one[name].covariance, one[name]), scaled(other[name].covariance, other[name]), share),
  });
  const cross = ({ audio, image, cross }: PairMoments) =>
    Matrix.mul(cross, 1 / Math.sqrt(meanVariance(audio) * meanVariance(image)));
  return { audio: side('audio'), image: side('image'), cross: blend(cross(one), cross(other), share) };
}

/** Over all numbers of a row. */
export function meanVariance({ covariance }: SideMoments): number {
  return covariance.trace() / covariance.rows;
}

function scaled(covariance: Matrix, side: SideMoments): Matrix {
  return Matrix.mul(covariance, 1 / meanVariance(side));
}

function blend(one: Matrix, other: Matrix, share: number): Matrix {
  return Matrix.add(Matrix.mul(one, 1 - share), Matrix.mul(other, share));
}

/** @returns rows without their mean, each times the root of its weight. */
function centred({ rows, weights }: WeightedRows): { rows: Matrix; weights: number[]; moments: SideMoments } {
  const matrix = new Matrix(rows.map((row) => Array.from(row)));
  const mean = Matrix.rowVector(weights).mmul(matrix);
  matrix.subRowVector(mean).mulColumnVector(weights.map(Math.sqrt));
  return { rows: matrix, weights, moments: { mean, covariance: matrix.transpose().mmul(matrix) } };
}

/** @param rows as {@link centred} gives them, category after category. @returns a row for each category. */
function means({ rows, weights, sizes }: { rows: Matrix; weights: number[]; sizes: number[] }): Matrix {
  let first = 0;
  return new Matrix(
    sizes.map((size) => {
      const own = rows.subMatrix(first, first + size - 1, 0, rows.columns - 1);
      const roots = weights.slice(first, first + size).map((weight) => 1 / Math.sqrt(weight));
      first += size;
      return own.mulColumnVector(roots).mean('column');
    }),
  );
}

function soundsOf({ sounds }: EncodedClip): Float32Array[] {
  return sounds;
}

function rowOf({ row }: { row: Float32Array }): Float32Array {
  return row;
}

function byCategory(
  clips: readonly EncodedClip[],
  rowsOf: (clip: EncodedClip) => Float32Array[],
): Map<string, Float32Array[]> {
  const rows = new Map<string, Float32Array[]>();
  for (const clip of clips) {
    const own = rowsOf(clip);
    if (own.length === 0) continue;
    for (const category of clip.clip.categories) {
      const known = rows.get(category);
      if (known) known.push(...own);
      else rows.set(category, [...own]);
    }
  }
  return rows;
}
