import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Projection } from '../../model/matchHead.ts';
import { meanVariance, type PairMoments, type SideMoments } from './pairMoments.ts';

export interface CanonicalCorrelations {
  /** To the canonical variables, each times its correlation. */
  projections: Record<'audio' | 'image', Projection>;
  /** Of sounds' canonical variables with pictures', the highest first: `[units]`, in [0, 1]. */
  correlations: number[];
}

/**
 * Canonical correlation analysis (Hotelling 1936): directions of the two sides, uncorrelated within each, along which sounds go with the
 * pictures that belong to them as closely as can be. With a ridge (Vinod 1976): without it a few hundred pairs of a few hundred numbers correlate
 * perfectly, and nothing is learnt.
 *
 * The cosine between the two projections is how far they are alike: directions count by their correlation, as in Gong et al. 2014 (*A
 * multi-view embedding space*, there by its fourth power).
 *
 * @param ridge added to each side's variances, in mean variances.
 * @param units at most as many directions, the closest.
 */
export function canonicalCorrelations(moments: PairMoments, options: CanonicalOptions): CanonicalCorrelations {
  return correlationsByRidge(moments)(options);
}

export interface CanonicalOptions {
  ridge: number;
  units: number;
}

/** {@link canonicalCorrelations} with one ridge after another: what takes long and is the same for all of them is done once. */
export function correlationsByRidge(moments: PairMoments): (options: CanonicalOptions) => CanonicalCorrelations {
  const sides = { audio: axesOf(moments.audio), image: axesOf(moments.image) };
  return (options) => correlate(moments, sides, options);
}

function correlate(
  { audio, image, cross }: PairMoments,
  sides: Record<'audio' | 'image', Axes>,
  { ridge, units }: CanonicalOptions,
): CanonicalCorrelations {
  const [heard, seen] = [whitening(sides.audio, ridge), whitening(sides.image, ridge)];
  const whitened = heard
    .mmul(cross)
    .mmul(seen)
    .mul(1 / Math.sqrt(meanVariance(audio) * meanVariance(image)));
  const { values, vectors } = descending(whitened.transpose().mmul(whitened));
  const count = Math.min(units, cross.rows, cross.columns);
  const correlations = values.slice(0, count).map((value) => Math.sqrt(Math.max(0, value)));
  const directions = vectors.subMatrix(0, vectors.rows - 1, 0, count - 1);
  // Of the singular value decomposition whitened = U S Vᵀ: whitened V = U S.
  const heardKernel = heard.mmul(whitened).mmul(directions);
  const seenKernel = seen.mmul(directions).mulRowVector(correlations);
  return {
    projections: { audio: projection(heardKernel, audio), image: projection(seenKernel, image) },
    correlations,
  };
}

function projection(kernel: Matrix, { mean }: SideMoments): Projection {
  return { kernel: kernel.to2DArray(), bias: mean.mmul(kernel).mul(-1).getRow(0) };
}

/** Of C / mean variance. */
function axesOf(side: SideMoments): Axes {
  return descending(Matrix.mul(side.covariance, 1 / meanVariance(side)));
}

/** (C / mean variance + ridge)^−½. */
function whitening({ values, vectors }: Axes, ridge: number): Matrix {
  const roots = values.map((value) => 1 / Math.sqrt(Math.max(value, 0) + ridge));
  return vectors.clone().mulRowVector(roots).mmul(vectors.transpose());
}

interface Axes {
  values: number[];
  /** A column each. */
  vectors: Matrix;
}

function descending(symmetric: Matrix): Axes {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => (realEigenvalues[b] as number) - (realEigenvalues[a] as number),
  );
  return {
    values: order.map((i) => realEigenvalues[i] as number),
    vectors: eigenvectorMatrix.subMatrixColumn(order),
  };
}
