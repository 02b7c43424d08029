import { z } from 'zod';

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

/** @param directions `[K, D]` unit vectors. @returns 1 − the cosine to the nearest of them, in [0, 2]. */
export function turnFrom(directions: readonly Float32Array[], embedding: Float32Array): number {
  const norm = Math.sqrt(dot(embedding, embedding));
  let nearest = Number.NEGATIVE_INFINITY;
  for (const direction of directions) nearest = Math.max(nearest, dot(direction, embedding));
  return norm === 0 ? 1 : 1 - nearest / norm;
}

/** A server asks this of every file, of each direction. Four sums: to one, each product would wait for the one before to be added. */
function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    sum += (a[i] as number) * (b[i] as number);
    second += (a[i + 1] as number) * (b[i + 1] as number);
    third += (a[i + 2] as number) * (b[i + 2] as number);
    fourth += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (let i = whole; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum + second + third + fourth;
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
  const directions = unpackDirections(known.directions, known.mean.length);
  const distanceFrom = createDistance(known);
  const below = (percentiles: number[], value: number) => {
    let nearer = 0;
    for (const percentile of percentiles) if (percentile < value) nearer++;
    return nearer / percentiles.length;
  };
  return (embedding) =>
    Math.max(below(known.distances, distanceFrom(embedding)), below(known.turns, turnFrom(directions, embedding)));
}
