import { z } from 'zod';
import { classifierInputSchema, modelConfigSchema } from './config.ts';
import { filePathSchema, nameSchema } from './fileName.ts';

/**
 * `runs/NAME/step-N/state.json`. Beside it stand the layers models `audio/`, `image/`, `match/` and `classify-NAME/`
 * (each `model.json` + `weights.bin`, standard Keras layers only), `optimizer.bin` and `golden.json`.
 *
 * - `audio/` takes the log-spectrogram `[B, F, T, 1]`, `image/` the scaled pixels `[B, H, W, 3]`; the frontends before them
 *   are given by `config.model` alone. Both give two outputs: the embedding `[B, D]` and the features
 *   `[B, rows × columns × D]` (rows outermost).
 * - `match/` takes both embeddings and gives `[B, 2]`: softmax over (mismatched, corresponds).
 */
export const checkpointStateSchema = z.strictObject({
  schema: z.literal('clapper-checkpoint/1'),
  step: z.number().int().nonnegative(),
  finished: z.boolean(),
  /** The checkpoint whose weights were best on the validation split so far; null: none was judged, or the last are taken. */
  chosen: z.strictObject({ step: z.number().int(), accuracy: z.number() }).nullable().default(null),
  preset: z.string(),
  seed: z.number().int(),
  /** Of the code that trained; null: not known. */
  commit: z.string().nullable(),
  dataset: z.strictObject({
    name: z.string(),
    description: z.string(),
    licence: z.string(),
    /** The official fold that was held out for the test; null: the test split. */
    testFold: z.number().int().positive().nullable().default(null),
    /** Of what a prepared dataset holds, and in which split: a run goes on with the same alone. Not there: it came with the code, or is not known. */
    digest: z.string().optional(),
  }),
  /** The resolved settings of the run; the trainer checks the rest of them. */
  config: z.looseObject({ model: modelConfigSchema }),
  /** The layers models that are there beside the classifiers; `match` needs both branches. */
  parts: z.array(z.enum(['audio', 'image', 'match'])).default(['audio', 'image', 'match']),
  classifiers: z.array(
    z.strictObject({
      name: nameSchema,
      input: classifierInputSchema,
      labels: z.array(z.string()),
    }),
  ),
  /** On the test split; until the run has finished, of what it carries over from others alone. */
  metrics: z.record(z.string(), z.number()),
  /** Bytes of every other file of the checkpoint, by its path: one that is missing or cut short is seen before anything is read. */
  files: z.record(filePathSchema, z.number().int()).default({}),
});
export type CheckpointState = z.infer<typeof checkpointStateSchema>;

/** Of a layers model's `model.json`, the files beside it that hold its weights. */
export const savedModelSchema = z.looseObject({
  weightsManifest: z.array(z.looseObject({ paths: z.array(filePathSchema) })),
});
