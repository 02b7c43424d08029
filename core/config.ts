import { z } from 'zod';
import { spectrogramOptionsSchema, spectrogramShape } from './spectrogram.ts';

/** Pixels as decoders give them → what the first convolution sees: `value × scale + offset`, inside every exported graph. */
export const imageFrontendSchema = z
  .strictObject({
    width: z.number().int().positive().describe('pixels'),
    height: z.number().int().positive().describe('pixels'),
    shortSide: z
      .number()
      .int()
      .positive()
      .describe('pixels: a picture is resized to this short side, then its centre is cut'),
    scale: z.number(),
    offset: z.number(),
  })
  .superRefine(({ width, height, shortSide }, context) => {
    if (shortSide >= Math.max(width, height)) return;
    const message = `expected at least width and height (${width} × ${height}), which are cut from it, but received ${shortSide}`;
    context.addIssue({ code: 'custom', path: ['shortSide'], message });
  });
export type ImageFrontend = z.infer<typeof imageFrontendSchema>;

/**
 * One VGG-style branch: blocks of (conv 3×3 – BN – ReLU) × 2 with 2×2 max-pool between blocks, then one pool over all of the last.
 */
export const branchSchema = z.strictObject({
  channels: z
    .array(z.number().int().positive())
    .min(1)
    .describe('output channels of each block; the last is the embedding size'),
  stemStride: z.union([z.literal(1), z.literal(2)]).describe('stride of the first convolution'),
  featureGrid: z
    .tuple([z.number().int().positive(), z.number().int().positive()])
    .describe('rows × columns that the last block is max-pooled to, for linear probes'),
  pooling: z.enum(['max', 'mean']).default('max').describe('of the last block to the embedding'),
});
export type BranchOptions = z.infer<typeof branchSchema>;

/** @returns rows × columns of the last block, of an input of these. */
function lastBlock(input: number[], { channels, stemStride }: BranchOptions): number[] {
  return input.map((side) => channels.slice(1).reduce((size) => Math.floor(size / 2), Math.ceil(side / stemStride)));
}

/** What a classifier reads: an output of one of the branches. */
export const classifierInputSchema = z.enum(['audio_embedding', 'image_embedding', 'audio_features', 'image_features']);
export type ClassifierInput = z.infer<typeof classifierInputSchema>;

/** The whole network; with the weights, all that an exporter needs. */
export const modelConfigSchema = z
  .strictObject({
    spectrogram: spectrogramOptionsSchema,
    image: imageFrontendSchema,
    audioBranch: branchSchema,
    imageBranch: branchSchema,
    matchHead: z
      .enum(['hidden', 'topics', 'canonical'])
      .default('hidden')
      .describe(
        'how both sides are compared: by a hidden layer, as in L3-Net, by the topic that they share, or by the cosine of linear projections',
      ),
    headUnits: z.number().int().positive().describe('hidden units of the match head, topics, or canonical variables'),
  })
  .superRefine(({ spectrogram, image, audioBranch, imageBranch }, context) => {
    const inputs = { audioBranch: spectrogramShape(spectrogram), imageBranch: [image.height, image.width] };
    for (const [name, branch] of Object.entries({ audioBranch, imageBranch })) {
      const input = inputs[name as keyof typeof inputs];
      const last = lastBlock(input, branch);
      if (branch.featureGrid.every((cells, axis) => cells <= (last[axis] as number))) continue;
      const message =
        `expected at most ${last.join(' × ')}, the size of the last block for an input of ${input.join(' × ')}, ` +
        `but received ${branch.featureGrid.join(' × ')}`;
      context.addIssue({ code: 'custom', path: [name, 'featureGrid'], message });
    }
  });
export type ModelConfig = z.infer<typeof modelConfigSchema>;
