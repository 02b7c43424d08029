import { z } from 'zod';
import { modelConfigSchema } from '#core/config.ts';
import { InputError } from '#core/errors.ts';
import { digitAugmentationSchema } from './data/augmentDigit.ts';
import { voiceAugmentationSchema } from './data/augmentVoice.ts';

const count = z.number().int().positive();

/** Every setting of a run. A preset gives them all; `--set path=value` changes one; the run saves the result as `config.json`. */
export const trainConfigSchema = z.strictObject({
  preset: z.string(),
  seed: z.number().int().min(0),
  steps: count,
  batchSize: count.describe('sounds, and as many images, encoded in a step'),
  matchesPerClip: count.describe('shuffles of itself that each encoded batch is matched against, for mismatched pairs'),
  alignment: z.strictObject({
    weight: z
      .number()
      .nonnegative()
      .describe('of the alignment loss beside the correspondence loss; 0: the paper’s recipe'),
    scale: z.number().positive().describe('of the cosines before the softmax'),
  }),
  learningRate: z.number().positive().describe('highest; a cosine takes it to zero after the warm-up'),
  warmupSteps: z.number().int().min(0),
  batchNormMomentum: z.number().min(0).max(1).describe('share of the moving statistics kept from step to step'),
  holdOutSpeaker: z.string().nullable().describe('never heard in training; the test is then on this speaker alone'),
  logEvery: count.describe('steps'),
  evalEvery: count.describe('steps'),
  saveEvery: count.describe('steps'),
  voice: voiceAugmentationSchema,
  digit: digitAugmentationSchema,
  model: modelConfigSchema,
});
export type TrainConfig = z.infer<typeof trainConfigSchema>;

/**
 * @param preset the preset's settings.
 * @param changes each `path=value`, for example `steps=120` or `model.headUnits=64`; the value is JSON, or else text.
 * @throws {InputError} for a path that does not exist or a value that does not fit.
 */
export function resolveConfig(preset: TrainConfig, changes: string[]): TrainConfig {
  const config = structuredClone(preset) as unknown as Record<string, unknown>;
  for (const change of changes) {
    const [, path, text] = /^([\w.]+)=(.*)$/.exec(change) ?? [];
    if (path === undefined || text === undefined) {
      throw new InputError(`Expected --set path=value but received "${change}". For example: --set steps=120.`);
    }
    const keys = path.split('.');
    const last = keys.pop() as string;
    let parent: unknown = config;
    for (const key of keys) parent = isRecord(parent) ? parent[key] : undefined;
    if (!isRecord(parent) || !(last in parent)) {
      const near = isRecord(parent) ? Object.keys(parent).join(', ') : Object.keys(config).join(', ');
      throw new InputError(`There is no setting "${path}". Known here: ${near}.`);
    }
    parent[last] = parseValue(text);
  }
  const result = trainConfigSchema.safeParse(config);
  if (!result.success) throw new InputError(`The settings do not fit:\n${z.prettifyError(result.error)}`);
  return result.data;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
