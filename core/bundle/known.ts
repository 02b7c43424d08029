import { z } from 'zod';
import { ownKernels } from '../media/simd/kernels.ts';

const percentilesSchema = z.array(z.number().nonnegative()).length(101);

/** Where embeddings of what was held out lie beside those that were trained on, so that one far from these can be called unknown. */
export const knownSchema = z
  .strictObject({
    items: z.number().int().positive().describe('embeddings measured, a row each'),
    mean: z.array(z.number()).describe('[D] of the embeddings that were trained on'),
    deviation: z.array(z.number().nonnegative()).describe('[D] standard deviation of those'),
    distances: percentilesSchema.describe('of the validation split’s embeddings from that mean: percentiles 0 to 100'),
    directions: z
      .base64()
      .describe('int8 [K, D]: unit vectors × 127, around which the embeddings lie that were trained on'),
    turns: percentilesSchema.describe(
      'of the validation split’s embeddings away from the nearest of them: percentiles 0 to 100',
    ),
  })
  .refine(({ mean, deviation }) => mean.length === deviation.length, 'as many deviations as means')
  .refine(
    ({ mean, directions }) => atob(directions).length % mean.length === 0,
    'directions of as many numbers as the mean has',
  );
export type Known = z.infer<typeof knownSchema>;

/**
 * Root mean square of an embedding's z-scores: 1 for what is like the training data, in each dimension alike. A dimension that hardly varied
 * counts with a tenth of the mean deviation, so that noise in it does not decide.
 */
export function createDistance({
  mean,
  deviation,
}: Pick<Known, 'mean' | 'deviation'>): (embedding: Float32Array) => number {
  const least = deviation.reduce((sum, value) => sum + value, 0) / deviation.length / 10 || 1;
  const centres = Float64Array.from(mean);
  const scales = Float64Array.from(deviation, (value) => Math.max(value, least));
  return (embedding) => {
    let sum = 0;
    for (let i = 0; i < centres.length; i++) {
      const z = ((embedding[i] as number) - (centres[i] as number)) / (scales[i] as number);
      sum += z * z;
    }
    return Math.sqrt(sum / centres.length);
  };
}

/**
 * @param directions `[K, D]` unit vectors.
 * @returns of an embedding `[D]` 1 − the cosine to the nearest of them, in [0, 2].
 */
export function createTurn(directions: readonly Float32Array[]): (embedding: Float32Array) => number {
  const rows = directions.length;
  const columns = 8 * Math.ceil((directions[0]?.length ?? 0) / 8); // as many as the kernel takes: the rest are zeros
  const { memory, polyphase } = ownKernels(4 * (columns + rows * columns + rows));
  const vector = new Float32Array(memory.buffer, 0, columns);
  const bank = new Float32Array(memory.buffer, 4 * columns, rows * columns);
  const products = new Float32Array(memory.buffer, 4 * (columns + bank.length), rows);
  for (const [row, direction] of directions.entries()) bank.set(direction, row * columns);
  return (embedding) => {
    vector.set(embedding);
    // A server asks this of every file: a filter of as many phases as directions, at one sample.
    polyphase(vector.byteOffset, bank.byteOffset, products.byteOffset, rows, columns, rows, 1, 0);
    let nearest = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rows; row++) nearest = Math.max(nearest, products[row] as number);
    let power = 0;
    for (let i = 0; i < columns; i++) power += (vector[i] as number) ** 2;
    return power === 0 ? 1 : 1 - nearest / Math.sqrt(power);
  };
}

/** @param directions `[K, D]` unit vectors. */
export function packDirections(directions: readonly Float32Array[]): string {
  const bytes = directions.flatMap((direction) => [...direction].map((value) => Math.round(127 * value) & 0xff));
  return btoa(String.fromCharCode(...bytes));
}

/** @param size D. */
export function unpackDirections(base64: string, size: number): Float32Array[] {
  const values = Int8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return Array.from({ length: values.length / size }, (_, k) => {
    const direction = Float32Array.from(values.subarray(k * size, (k + 1) * size));
    const norm = Math.hypot(...direction);
    return direction.map((value) => value / norm);
  });
}

/**
 * What a network never met gives embeddings that are too long, as noise does in `models/digits`, or of a direction that nothing learnt has, as plain colours do in
 * `models/nature`: so both are asked.
 *
 * @returns of an embedding `[D]` the share of the validation split that is nearer, or turned less, whichever is more: above 0.99 it is like nothing known.
 */
export function createStrangeness(known: Known): (embedding: Float32Array) => number {
  const turnFrom = createTurn(unpackDirections(known.directions, known.mean.length));
  const distanceFrom = createDistance(known);
  const below = (percentiles: number[], value: number) => {
    let nearer = 0;
    for (const percentile of percentiles) if (percentile < value) nearer++;
    return nearer / percentiles.length;
  };
  return (embedding) =>
    Math.max(below(known.distances, distanceFrom(embedding)), below(known.turns, turnFrom(embedding)));
}
