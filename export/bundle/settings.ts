import { basename, isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Classifier } from '#core/bundle/graphs.ts';
import type { CheckpointState } from '#core/checkpoint.ts';

/** Of the trainer's settings, what a description tells; the trainer checks them. */
const settingsSchema = z.object({
  task: z.enum(['correspondence', 'classify']).default('correspondence'),
  /** Of a run that classifies: what reads the branch. */
  classifier: z.enum(['network', 'svm']).default('network'),
  /** A checkpoint whose weights were taken, or "random". */
  from: z.string().default('random'),
  /** Of a run on pairs: runs that a branch was taken from. */
  branches: z
    .object({ audio: z.string().nullable(), image: z.string().nullable() })
    .default({ audio: null, image: null }),
  data: z.object({ folder: z.string().optional().describe('of a prepared dataset') }).default({}),
});

export function settingsOf({ config }: Pick<CheckpointState, 'config'>): z.infer<typeof settingsSchema> {
  return settingsSchema.parse(config);
}

/** @returns the settings as others may see them: of a folder on the machine that trained, the last name. */
export function publicConfig(config: CheckpointState['config']): CheckpointState['config'] {
  const shorten = (_: string, value: unknown) =>
    typeof value === 'string' && isAbsolute(value) ? basename(value) : value;
  return JSON.parse(JSON.stringify(config), shorten);
}

/** @returns the classifier that the run was about; undefined: it learnt from pairs. */
export function learntClassifier(state: Pick<CheckpointState, 'config' | 'classifiers'>): Classifier | undefined {
  return settingsOf(state).task === 'classify' ? state.classifiers.at(-1) : undefined;
}
