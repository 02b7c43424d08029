import { z } from 'zod';
import { InputError } from '#core/errors.ts';

export const count = z.number().int().positive();

/** Larger ones would be taken modulo 2³²: two seeds, one run. */
export const seedSetting = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** What every run of many steps has, whatever it learns. */
export const steppedSettings = {
  preset: z.string(),
  seed: seedSetting,
  steps: count.nullable().describe('null: `epochs` says how many'),
  epochs: z.number().positive().nullable().describe('how often each example is drawn; null: `steps` says how many'),
  batchSize: count.describe('examples of a step; for pairs: sounds, and as many pictures'),
  rowsAtOnce: count
    .nullable()
    .describe(
      'examples that the network sees at once, where memory is short: the gradient is the mean over the parts of a batch; batch ' +
        'normalisation and the pairs of a batch are of one part. null: all of the batch',
    ),
  learningRate: z.number().positive().describe('highest'),
  warmup: z.number().min(0).max(1).describe('share of the steps in which the rate climbs'),
  schedule: z.enum(['cosine', 'constant']).describe('after the warm-up: half a cosine to zero, or the same rate'),
  weightDecay: z.strictObject({
    amount: z.number().nonnegative().describe('0: none; biases and batch normalisation never'),
    kind: z.enum(['l2', 'decoupled']).describe('in the gradient, or as AdamW does it'),
  }),
  batchNormMomentum: z.number().min(0).max(1).describe('share of the moving statistics kept from step to step'),
  precision: z
    .enum(['float32', 'bf16'])
    .describe(
      'of the products in a step’s convolutions; bf16 takes a processor with AMX (Intel since Sapphire Rapids)',
    ),
  dropout: z.number().min(0).max(0.95).describe('share of the embedding that a training step leaves out'),
  choose: z
    .enum(['best', 'last'])
    .describe('what the run ends with: the weights of the best accuracy on the validation split, or the last'),
  earlyStop: count.nullable().describe('evaluations without a better accuracy before the run ends; null: never'),
  logEvery: count.describe('steps'),
  evalEvery: count.describe('steps'),
  saveEvery: count.describe('steps'),
};

/** A share of the threads: the training step uses all cores by itself. */
export const loaderSettings = {
  workers: count.describe('threads that read, decode and augment'),
  ahead: count.describe('batches made ready while one is in use'),
};

/** Of `clapper prepare`; a preset has none: --data names it. */
export const folderSetting = z.string().min(1, 'Expected a prepared dataset: name its folder with --data DIR');

/**
 * @returns the parts that a step's batch is taken in, one after the other, and the examples of each.
 * @throws {InputError} where the batch cannot be divided so.
 */
export function partsOf({ batchSize, rowsAtOnce }: { batchSize: number; rowsAtOnce: number | null }): {
  parts: number;
  rows: number;
} {
  const rows = Math.min(batchSize, rowsAtOnce ?? batchSize);
  if (batchSize % rows === 0) return { parts: batchSize / rows, rows };
  throw new InputError(`Expected a batchSize of so many times rowsAtOnce (${rows}) but received ${batchSize}.`);
}
