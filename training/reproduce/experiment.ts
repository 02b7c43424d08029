import { z } from 'zod';
import type { Tools } from './tools.ts';

/** A row of the table of results: what others published, and how it is measured here. */
export interface Experiment {
  /** Of its result, by which it is asked for. */
  name: string;
  title: string;
  /** As it stands in the paper or the report; null: nobody published it. */
  published: string | null;
  /** On what, how split, how judged. */
  protocol: string;
  /** On two cores that do nothing else, or on a GPU, about; datasets not counted. */
  minutes: number;
  /** Without one it would take days: so it is run only where it is asked for by name. */
  needsGpu?: true;
  seed: number;
  /** Why ours is not the published number, in a sentence; null: nothing to explain. */
  difference: string | null;
  /** Its first number says little alone: it stands among the results, but not in the README's table. */
  onlyInResults?: true;
  run(tools: Tools): Promise<Measured>;
}

/** A number, and where the true value lies with 95 % confidence where it is a share. */
export const valueSchema = z.strictObject({
  name: z.string(),
  value: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
});
export type Value = z.infer<typeof valueSchema>;

export interface Measured {
  values: Value[];
  /** Folders of runs whose histories are drawn. */
  histories?: { name: string; run: string }[];
  /** Other pictures: SVG files. */
  pictures?: string[];
}

export const resultSchema = z.strictObject({
  schema: z.literal('clapper-result/1'),
  name: z.string(),
  title: z.string(),
  published: z.string().nullable(),
  protocol: z.string(),
  difference: z.string().nullable(),
  seed: z.number().int(),
  values: z.array(valueSchema),
  /** What makes it again. */
  command: z.string(),
  /** The other commands of this program that it ran. */
  steps: z.array(z.string()),
  /** Of all tries at its runs, datasets that stood there not counted; null: a run was begun before times were kept. */
  seconds: z.number().nullable(),
  machine: z.string(),
  /** Of the code: those that its runs ended with, and that which measured; each once, between them "and". null: one is not known. */
  commit: z.string().nullable(),
});
export type Result = z.infer<typeof resultSchema>;
