import { z } from 'zod';
import { augmentSettings } from '../augment/config.ts';
import { augmentationSchema } from '../data/loader/augmentation.ts';
import { networkSchema } from '../model/options.ts';
import { count, folderSetting, loaderSettings, seedSetting, steppedSettings } from '../run/config.ts';

const fold = count.nullable();

/** A prepared dataset with categories, and which part of it is for what. */
const labelledData = {
  folder: folderSetting,
  testFold: fold.describe('official fold to test on, trained on the others; null: the dataset’s own split'),
  validationFold: fold.describe('where testFold is given: the fold that chooses; null: none, all others train'),
};

const shared = {
  task: z.literal('classify'),
  from: z
    .string()
    .min(1, 'Say whose branch is taken: --from RUN, or --from random')
    .describe('a run or checkpoint whose branch is taken, or "random"'),
  branch: z.enum(['audio', 'image']).nullable().describe('null: the one that the dataset has examples for'),
  /** Of a branch from random weights; one from a checkpoint keeps its own. */
  network: networkSchema,
};

/** As presets have it. */
export const noTeacher = { teacher: null, weight: 10, also: null };

/** A branch and a new head, all of it trained. */
export const classifyConfigSchema = z.strictObject({
  ...shared,
  ...steppedSettings,
  classifier: z.literal('network'),
  name: z
    .string()
    .regex(/^[\w-]+$/)
    .nullable()
    .describe('of the classifier, by which it is asked for; null: the dataset’s'),
  hidden: count.nullable().describe('units of a hidden layer with ReLU before the classes; null: none'),
  labelSmoothing: z.number().min(0).max(0.5),
  logitAdjustment: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'how far rare categories are to be found as often as frequent ones: 1 learns for balanced accuracy, 0 for accuracy',
    ),
  calibrate: z
    .boolean()
    .describe(
      'at the end the probabilities are made as right as they say: their temperature is fitted on the validation split',
    ),
  mixup: z.number().nonnegative().describe('α of the Beta distribution that two examples are mixed by; 0: not mixed'),
  enlarge: z
    .number()
    .positive()
    .default(1) // runs that were begun before it was
    .describe(
      'times so many pixels along a side a branch of pictures that is taken from a run sees from now on; the weights of its convolutions stay what they are',
    ),
  distil: z
    .strictObject({
      teacher: z
        .enum(['efficientnet-lite0'])
        .nullable()
        .describe(
          'a network of others, taught the 1,000 categories of ImageNet, whose numbers for each picture the branch learns to tell, beside the categories; null: none',
        ),
      weight: z
        .number()
        .positive()
        .describe('of the mean squared error of those numbers, in their variances, beside the loss of the categories'),
      also: z
        .string()
        .nullable()
        .describe(
          'a prepared dataset whose pictures the teacher shows too, but for its test split; which categories they are of is not told; null: none',
        ),
    })
    .default(noTeacher) // runs that were begun before it was
    .describe('learning what a teacher knows of pictures'),
  ...augmentSettings,
  plainEnd: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'share of the steps, the last ones, whose examples are not mixed, and changed by `data.augmentation` alone: batch normalisation ends with nearly what will be judged',
    ),
  data: z.strictObject({
    ...labelledData,
    circularShift: z.boolean().describe('a sound that the window holds whole begins anywhere, and goes round'),
    augmentation: augmentationSchema,
    ...loaderSettings,
  }),
});
export type ClassifyConfig = z.infer<typeof classifyConfigSchema>;

/** The paper's probe: the branch as it is, a linear one-vs-all SVM on its features. */
export const svmConfigSchema = z.strictObject({
  ...shared,
  classifier: z.literal('svm'),
  preset: z.string(),
  seed: seedSetting,
  costs: z.array(z.number().positive()).min(1).describe('C of the SVM: the best on the validation split is taken'),
  data: z.strictObject({ ...labelledData, ...loaderSettings }),
});
export type SvmConfig = z.infer<typeof svmConfigSchema>;
