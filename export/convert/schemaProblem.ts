import { z } from 'zod';

/** @returns on one line why settings do not fit a schema; null: they do. */
export function schemaProblem(schema: z.ZodType, settings: unknown): string | null {
  const { error } = schema.safeParse(settings);
  if (!error) return null;
  return z
    .prettifyError(error)
    .replace(/\s*\n\s*/g, ' ')
    .replace(/^✖ /, '');
}
