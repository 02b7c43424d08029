import { z } from 'zod';
import { augmentSettings } from '../augment/config.ts';
import { digitAugmentationSchema } from '../data/augmentDigit.ts';
import { voiceAugmentationSchema } from '../data/augmentVoice.ts';
import { augmentationSchema } from '../data/loader/augmentation.ts';
import { networkSchema } from '../model/options.ts';
import { count, folderSetting, loaderSettings, steppedSettings } from '../run/config.ts';

/** The digits that the repository carries. */
export const digitsDataSchema = z.strictObject({
  kind: z.literal('digits'),
  holdOutSpeaker: z.string().nullable().describe('never heard in training; the test is then on this speaker alone'),
  voice: voiceAugmentationSchema,
  digit: digitAugmentationSchema,
});
export type DigitsData = z.infer<typeof digitsDataSchema>;

/** A folder that `clapper prepare` made. */
export const preparedPairsSchema = z.strictObject({
  kind: z.literal('prepared'),
  folder: folderSetting,
  momentsPerClip: count.describe('rows that a clip gives when it is drawn, as far apart in time as it allows'),
  hardNegatives: z.strictObject({
    share: z.number().min(0).max(1).describe('of the mismatched pairs: of one clip, at different times'),
    warmupSteps: z.number().int().min(0).describe('before the first of them'),
  }),
  randomSecond: z.boolean().describe('any window around the picture’s moment; false: with the moment in its middle'),
  circularShift: z.boolean().describe('a sound that the window holds whole begins anywhere, and goes round'),
  augmentation: augmentationSchema,
  ...loaderSettings,
});
export type PreparedPairsData = z.infer<typeof preparedPairsSchema>;

const fromRun = z.string().nullable().describe('a run or checkpoint whose branch is taken; null: random weights');

/** As presets have it. */
export const plainCanonical = { ridge: 10, also: null, share: 0.5 };

/** Learning from pairs alone whether a sound and a picture belong together. */
export const correspondenceConfigSchema = z.strictObject({
  task: z.literal('correspondence'),
  ...steppedSettings,
  branches: z.strictObject({
    audio: fromRun,
    image: fromRun,
  }),
  learns: z
    .enum(['all', 'head', 'scale'])
    .describe(
      'head: both branches stay as `branches` gives them, and so do their classifiers; the match head alone learns. scale: of the head too ' +
        'only how sure it is',
    ),
  canonical: z
    .strictObject({
      ridge: z
        .number()
        .positive()
        .describe('added to each side’s variances, in mean variances: the more, the fewer the pairs'),
      also: z.string().nullable().describe('a prepared dataset whose pairs count beside those of the data; null: none'),
      share: z.number().min(0).max(1).describe('of those other pairs'),
    })
    .default(plainCanonical) // runs that were begun before it was
    .describe('of canonical correlations, where `matchHead` is canonical'),
  batchReuse: count.describe(
    'steps that learn from a batch, one after the other: a head alone learns faster than branches encode',
  ),
  pairsOfBatch: z
    .enum(['shuffled', 'all'])
    .describe(
      'what is matched in a step: each row with itself and with `matchesPerClip` others, or every sound of the batch with every picture; ' +
        'then also those of other rows that belong together, where a dataset joins by category, are matching pairs',
    ),
  calibrate: z
    .boolean()
    .describe(
      'at the end the scores are made probabilities: their scale and threshold are fitted on the validation split',
    ),
  matchesPerClip: count.describe('shuffles of itself that each encoded batch is matched against, for mismatched pairs'),
  alignment: z.strictObject({
    weight: z
      .number()
      .nonnegative()
      .describe('of the alignment loss beside the correspondence loss; 0: the paper’s recipe'),
    scale: z.number().positive().describe('of the cosines before the softmax'),
    withinSides: z
      .boolean()
      .describe(
        'sounds are aligned with sounds too, and pictures with pictures: two that belong to one of the other side',
      ),
  }),
  ...augmentSettings,
  plainEnd: z
    .number()
    .min(0)
    .max(1)
    .describe('share of the steps, the last ones, whose examples are changed by `data.augmentation` alone'),
  data: z.discriminatedUnion('kind', [digitsDataSchema, preparedPairsSchema]),
  network: networkSchema,
});
export type CorrespondenceConfig = z.infer<typeof correspondenceConfigSchema>;
