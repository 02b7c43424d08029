import { z } from 'zod';
import { modelConfigSchema } from '../config.ts';
import { InputError } from '../errors.ts';
import { nameSchema } from '../fileName.ts';
import { parseJson } from '../json.ts';
import { resamplerSchema, resizerSchema } from '../media/methods.ts';
import { contradictions } from './contradictions.ts';
import {
  type BundleFile,
  classifierSchema,
  fileSchema,
  graphFiles,
  graphSchema,
  variantContentSchema,
} from './graphs.ts';
import { knownSchema } from './known.ts';

/** What a caller must hand to the audio graph: mono float32 in [-1, 1]. */
export const audioInputSchema = z.strictObject({
  sampleRate: z.number().int().positive().describe('Hz'),
  samples: z.number().int().positive().describe('samples in one window'),
  channels: z.literal('mean').describe('how several channels become one'),
  resampler: resamplerSchema,
});
export type AudioInput = z.infer<typeof audioInputSchema>;

/** What a caller must hand to the image graph: RGB uint8 `[height, width, 3]`. */
export const imageInputSchema = z.strictObject({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  shortSide: z.number().int().positive().describe('the picture is resized to this short side, then its centre is cut'),
  resizer: resizerSchema,
  background: z.literal('white').describe('what shows through transparent pixels'),
});
export type ImageInput = z.infer<typeof imageInputSchema>;

const exampleSchema = fileSchema.extend({
  title: z.string(),
  subject: z.string().describe('a sound and a picture of one subject belong together'),
  credit: z.string().optional(),
  licence: z.string().optional(),
});
/** A sound or picture file to try the model with. */
export type Example = z.infer<typeof exampleSchema>;

/** `manifest.json`: all that is needed to run the bundle's graphs, and where they came from. */
export const manifestSchema = z
  .strictObject({
    schema: z.literal('clapper-bundle/2'),
    name: nameSchema,
    version: z.string(),
    description: z.string(),
    licence: z.string().describe('of the weights'),
    input: z
      .strictObject({ audio: audioInputSchema.optional(), image: imageInputSchema.optional() })
      .describe('of the encoders that are there'),
    graphs: z.array(graphSchema).min(1),
    classifiers: z.array(classifierSchema).describe('of each, what its graph’s classes are called'),
    matching: z
      .strictObject({
        windowDiscount: z
          .number()
          .nonnegative()
          .default(0)
          .describe(
            'a long sound’s log-odds are the highest of its windows’, less this times the logarithm of their number; 0: the highest',
          ),
        calibration: z
          .strictObject({
            temperature: z
              .number()
              .positive()
              .optional()
              .describe('what the logits were divided by; the head’s weights hold it already'),
            expectedCalibrationError: z.number().min(0).max(1).describe('of P(match) on the validation pairs'),
          })
          .optional(),
      })
      .default({ windowDiscount: 0 }),
    known: z
      .strictObject({ audio: knownSchema.optional(), image: knownSchema.optional() })
      .optional()
      .describe('where the embeddings of the validation split lie: what is far from them is unlike anything learnt'),
    variants: z.strictObject({
      fp32: variantContentSchema,
      fp16: variantContentSchema.optional(),
      int8: variantContentSchema.optional(),
    }),
    golden: fileSchema,
    examples: z.strictObject({ sounds: z.array(exampleSchema), pictures: z.array(exampleSchema) }).optional(),
    training: z.strictObject({
      preset: z.string(),
      steps: z.number().int(),
      data: z.string(),
      dataDescription: z.string().optional(),
      dataLicence: z.string().optional(),
      parameters: z.number().int().positive().optional().describe('numbers that were learnt, in all graphs together'),
      finished: z.boolean().default(true).describe('false: exported before training was over'),
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
  })
  .superRefine((manifest, context) => {
    for (const message of contradictions(manifest)) {
      context.addIssue({ code: 'custom', message });
    }
  });
export type BundleManifest = z.infer<typeof manifestSchema>;

/**
 * @param json the text of `manifest.json`.
 * @param where its place, for messages.
 * @throws {InputError} for what is no manifest, and for one of another version, with what to do.
 */
export function parseManifest(json: string, where: string): BundleManifest {
  const { schema } = parseJson(z.looseObject({ schema: z.string() }), json, where);
  const version = /^clapper-bundle\/(\d+)$/.exec(schema)?.[1];
  if (version === '1') {
    throw new InputError(
      `${where} is of the format clapper-bundle/1, whose golden check let wrong models pass; this version of Clapper reads clapper-bundle/2. ` +
        'Train again and export: npx clapper export --checkpoint runs/NAME --out FOLDER. Published bundles: take those of this version.',
    );
  }
  if (Number(version) > 2) {
    throw new InputError(
      `${where} is of the format ${schema}; this version of Clapper reads clapper-bundle/2. Take a newer Clapper.`,
    );
  }
  return parseJson(manifestSchema, json, where);
}

/** @returns every file that the manifest names, each once. */
export function bundleFiles({ variants, golden, examples }: BundleManifest): BundleFile[] {
  const graphs = Object.values(variants).flatMap((variant) =>
    variant ? [...graphFiles(variant), ...(variant.golden ? [variant.golden] : [])] : [],
  );
  const files = [golden, ...graphs, ...(examples?.sounds ?? []), ...(examples?.pictures ?? [])];
  return [...new Map(files.map((file) => [file.file, file])).values()];
}
