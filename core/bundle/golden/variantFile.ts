import { z } from 'zod';

/**
 * Beside each variant of fewer bits: what its own heads gave for the golden rows when it was made. It is further from the trainer's numbers than
 * a weight that is a hundredth off would be; from its own it is not.
 */
export const variantGoldenSchema = z.strictObject({
  schema: z.literal('clapper-golden-variant/1'),
  logits: z.record(z.string(), z.array(z.array(z.number())).min(1)).describe('of each head, by its graph’s name'),
});
export type VariantGolden = z.infer<typeof variantGoldenSchema>;
