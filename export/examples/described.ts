import { z } from 'zod';
import { fileNameSchema } from '#core/fileName.ts';

const describedSchema = z.strictObject({
  file: fileNameSchema,
  title: z.string().min(1),
  subject: z.string().min(1),
  credit: z.string().optional(),
  licence: z.string().optional(),
});
/** What a manifest says of an example besides its size and digest. */
export type Described = z.infer<typeof describedSchema>;

/** `examples.json` of a folder of examples. */
export const listSchema = z.strictObject({ sounds: z.array(describedSchema), pictures: z.array(describedSchema) });

/** Files to try a model with, beside what is said of them. */
export interface Examples extends z.infer<typeof listSchema> {
  files: Map<string, Uint8Array>;
}
