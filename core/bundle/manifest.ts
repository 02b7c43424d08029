import { z } from 'zod';
import { classifierInputSchema, modelConfigSchema } from '../config.ts';

/** Numbers' precision that a bundle's graphs are stored in. */
export const variantSchema = z.enum(['fp32', 'fp16', 'int8']);
export type Variant = z.infer<typeof variantSchema>;

const fileSchema = z.strictObject({
  file: z.string().regex(/^[\w.-]+$/, 'a file name inside the bundle'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().positive(),
});
export type BundleFile = z.infer<typeof fileSchema>;

/**
 * The graphs of one variant; what was trained without one of them lacks it in every variant. Classifiers are keyed by their name,
 * without the `classify-` of the file.
 */
const variantFilesSchema = z.strictObject({
  audio: fileSchema.optional(),
  image: fileSchema.optional(),
  match: fileSchema.optional(),
  classifiers: z.record(z.string(), fileSchema),
});
export type VariantFiles = z.infer<typeof variantFilesSchema>;

const classifierSchema = z.strictObject({
  name: z.string().regex(/^[\w-]+$/),
  input: classifierInputSchema,
  labels: z.array(z.string()).min(2),
});
export type Classifier = z.infer<typeof classifierSchema>;

/** What a caller must hand to the audio graph: mono float32 in [-1, 1]. */
export const audioInputSchema = z.strictObject({
  sampleRate: z.number().int().positive().describe('Hz'),
  samples: z.number().int().positive().describe('samples in one window'),
  channels: z.literal('mean').describe('how several channels become one'),
  resampler: z.literal('polyphase/kaiser-110dB'),
});
export type AudioInput = z.infer<typeof audioInputSchema>;

/** What a caller must hand to the image graph: RGB uint8 `[height, width, 3]`. */
export const imageInputSchema = z.strictObject({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  shortSide: z.number().int().positive().describe('the picture is resized to this short side, then its centre is cut'),
  resizer: z.literal('pica/lanczos3'),
  background: z.literal('white').describe('what shows through transparent pixels'),
});
export type ImageInput = z.infer<typeof imageInputSchema>;

/** `manifest.json`: all that is needed to run the bundle's graphs, and where they came from. */
export const manifestSchema = z.strictObject({
  schema: z.literal('clapper-bundle/1'),
  name: z.string().regex(/^[\w-]+$/),
  version: z.string(),
  description: z.string(),
  licence: z.string().describe('of the weights'),
  input: z
    .strictObject({ audio: audioInputSchema.optional(), image: imageInputSchema.optional() })
    .describe('of the encoders that are there'),
  embeddingSize: z.strictObject({
    audio: z.number().int().positive().optional(),
    image: z.number().int().positive().optional(),
  }),
  classifiers: z.array(classifierSchema),
  variants: z.strictObject({
    fp32: variantFilesSchema,
    fp16: variantFilesSchema.optional(),
    int8: variantFilesSchema.optional(),
  }),
  golden: fileSchema,
  training: z.strictObject({
    preset: z.string(),
    steps: z.number().int(),
    data: z.string(),
    testFold: z
      .number()
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('the official fold of the data that was held out for the test; null: the test split'),
    seed: z.number().int(),
    commit: z.string().nullable().describe('of the code that trained; null: not known'),
    configSha256: z.string(),
    config: z.looseObject({ model: modelConfigSchema }),
  }),
  metrics: z.record(z.string(), z.number()).describe('measured on the test split in training'),
});
export type BundleManifest = z.infer<typeof manifestSchema>;

/** @returns every file of a variant. */
export function graphFiles({ audio, image, match, classifiers }: VariantFiles): BundleFile[] {
  return [audio, image, match, ...Object.values(classifiers)].filter((file) => file !== undefined);
}
