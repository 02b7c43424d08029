import { z } from 'zod';

/** Where embeddings of what was held out lie, so that one far from them can be called unknown. */
export const knownSchema = z
  .strictObject({
    items: z.number().int().positive().describe('embeddings measured, a row each'),
    mean: z.array(z.number()).describe('[D] of the embeddings that were trained on'),
    deviation: z.array(z.number().nonnegative()).describe('[D] standard deviation of those'),
    distances: z
      .array(z.number().nonnegative())
      .length(101)
      .describe('of the validation split’s embeddings from that mean: their percentiles 0 to 100'),
  })
  .refine(({ mean, deviation }) => mean.length === deviation.length, 'as many deviations as means');
export type Known = z.infer<typeof knownSchema>;

/**
 * Root mean square of an embedding's z-scores: 1 for what is like the training data, in each dimension alike. A dimension that hardly varied
 * counts with a tenth of the mean deviation, so that noise in it does not decide.
 */
export function distanceFrom({ mean, deviation }: Pick<Known, 'mean' | 'deviation'>, embedding: Float32Array): number {
  const least = deviation.reduce((sum, value) => sum + value, 0) / deviation.length / 10 || 1;
  const sum = mean.reduce((total, centre, i) => {
    const z = ((embedding[i] as number) - centre) / Math.max(deviation[i] as number, least);
    return total + z * z;
  }, 0);
  return Math.sqrt(sum / mean.length);
}

/** @returns in [0, 1] the share of the validation split that is nearer than the embedding: above 0.99 it is like nothing known. */
export function shareNearer(known: Known, embedding: Float32Array): number {
  const distance = distanceFrom(known, embedding);
  const nearer = known.distances.filter((percentile) => percentile < distance).length;
  return nearer / known.distances.length;
}
