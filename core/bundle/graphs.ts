import { z } from 'zod';
import { classifierInputSchema } from '../config.ts';
import { elementCount } from '../elementCount.ts';
import { fileNameSchema, nameSchema } from '../fileName.ts';

/** Numbers' precision that a bundle's graphs are stored in. */
export const variantSchema = z.enum(['fp32', 'fp16', 'int8']);
export type Variant = z.infer<typeof variantSchema>;

export const fileSchema = z.strictObject({
  file: fileNameSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().positive(),
});
export type BundleFile = z.infer<typeof fileSchema>;

const tensorSchema = z.strictObject({
  name: z.string().min(1),
  dtype: z.enum(['float32', 'uint8']),
  shape: z
    .tuple([z.literal('batch')], z.number().int().positive())
    .describe('the first is how many inputs one run takes, any number; the rest are one input’s'),
});
/** An input or output of a graph. */
export type GraphTensor = z.infer<typeof tensorSchema>;

/** @returns how many numbers one input of a batch holds. */
export function rowLength({ shape: [, ...rest] }: Pick<GraphTensor, 'shape'>): number {
  return elementCount(rest);
}

export const graphSchema = z.strictObject({
  name: nameSchema.describe('audio, image, match, or classify- and the classifier’s name'),
  kind: z.enum(['audio-encoder', 'image-encoder', 'match-head', 'classifier']),
  inputs: z.array(tensorSchema).min(1),
  outputs: z.array(tensorSchema).min(1),
});
/** What one graph takes and gives, in every variant. */
export type Graph = z.infer<typeof graphSchema>;

const latencySchema = z.strictObject({
  graph: nameSchema,
  device: z.string().describe('the processor’s or graphics card’s name'),
  provider: z.string().describe('of ONNX Runtime: cpu, cuda, webgpu'),
  threads: z.number().int().positive(),
  batch: z.number().int().positive(),
  milliseconds: z.number().positive().describe('median time of one run'),
});

export const variantContentSchema = z.strictObject({
  files: z.record(nameSchema, fileSchema).describe('of each graph, by its name; variants may share a file'),
  tolerance: z
    .record(z.string(), z.number().positive())
    .describe(
      'of each output that golden.json holds: the largest difference from its numbers, as a share of the largest number of the row. ' +
        'Measured when the variant was made; core/bundle/golden/tolerance.ts caps it',
    ),
  metrics: z
    .record(z.string(), z.number())
    .describe('on the test split: of fp32 as measured in training, of others in ONNX Runtime after export'),
  latency: z.array(latencySchema).optional(),
  golden: fileSchema
    .optional()
    .describe(
      'of a variant of fewer bits, which the check does not pass without: what its heads gave when it was made',
    ),
});
/** One variant's files, and what was measured of them. */
export type VariantContent = z.infer<typeof variantContentSchema>;

export const classifierSchema = z.strictObject({
  name: nameSchema,
  input: classifierInputSchema,
  labels: z.array(z.string()).min(2),
});
export type Classifier = z.infer<typeof classifierSchema>;

/** Whether it is a branch, where nearly all of the computing is; else a head on what branches gave. */
export function isEncoder(kind: Graph['kind']): boolean {
  return kind === 'audio-encoder' || kind === 'image-encoder';
}

/** The name of a classifier's graph. */
export function classifierGraphName(classifier: string): string {
  return `classify-${classifier}`;
}

/** @returns undefined where the bundle lacks it. */
export function findGraph({ graphs }: { graphs: Graph[] }, name: string): Graph | undefined {
  return graphs.find((graph) => graph.name === name);
}

/** @returns every file of a variant, each once. */
export function graphFiles({ files }: VariantContent): BundleFile[] {
  return [...new Map(Object.values(files).map((file) => [file.file, file])).values()];
}
