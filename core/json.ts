import { z } from 'zod';
import { InputError } from './errors.ts';

/**
 * Reads JSON that must follow a schema.
 *
 * @param where the file's name, for the message.
 * @throws {InputError} naming the fields that are wrong.
 */
export function parseJson<T>(schema: z.ZodType<T>, json: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new InputError(`Expected JSON in ${where} but it does not parse: ${reason}`, 'invalid_request', { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InputError(`${where} is not as expected:\n${z.prettifyError(result.error)}`);
}
