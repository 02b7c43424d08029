import { z } from 'zod';
import { classifierInputSchema } from '../../config.ts';
import { InputError } from '../../errors.ts';
import { parseJson } from '../../json.ts';

const rowsSchema = z.array(z.array(z.number())).min(1);
const vectorSchema = z.array(z.number()).min(1);

const momentsSchema = z.strictObject({ mean: vectorSchema, deviation: vectorSchema });
/** Mean and standard deviation `[D]` of rows that a head reads, measured on data that was trained on. */
export type Moments = z.infer<typeof momentsSchema>;

const encoderSchema = z.strictObject({
  embeddings: rowsSchema.describe('[seed][D]'),
  features: vectorSchema.describe('[K] of the first seed'),
});

/**
 * What the trainer's own runtime gave for inputs made from seeds (`inputs.ts`). Every other runtime must give the same: export, server and
 * page replay it (`check.ts`). Of what the network lacks there is nothing.
 */
export const goldenSchema = z.strictObject({
  schema: z.literal('clapper-golden/2'),
  seeds: z.array(z.number().int()).min(2).describe('of the inputs of the encoders'),
  encoders: z.strictObject({ audio: encoderSchema.optional(), image: encoderSchema.optional() }),
  moments: z
    .partialRecord(classifierInputSchema, momentsSchema)
    .describe('of what the heads read: rows are drawn from them'),
  logits: z
    .record(z.string(), rowsSchema)
    .describe('of each head, by its graph’s name: what it gives before softmax for those rows, [row][class]'),
});
export type Golden = z.infer<typeof goldenSchema>;

/** @throws {InputError} for what is not as expected, and for an older version with what to do. */
export function parseGolden(json: string, where: string): Golden {
  const { schema } = parseJson(z.looseObject({ schema: z.string() }), json, where);
  if (schema === 'clapper-golden/1') {
    throw new InputError(
      `${where} is of the format clapper-golden/1, in which wrong models passed; this version of Clapper reads clapper-golden/2. ` +
        'Train the run again: npx clapper train --preset NAME --out runs/NAME',
    );
  }
  return parseJson(goldenSchema, json, where);
}
