import type { Context } from 'hono';
import { InputError } from '#core/errors.ts';
import type { Receipt } from '../admission.ts';
import type { Fields } from './fields.ts';
import { readJsonForm } from './json.ts';
import { readMultipart } from './multipart.ts';
import { openBody } from './source.ts';

export interface FieldsOptions {
  receipt: Receipt;
  maxBytes: number;
  maxParts: number;
  /** The fields that are files. */
  files: readonly string[];
}

/** Reads a request's fields, from a form or from JSON. */
export async function readFields(c: Context, { receipt, maxBytes, maxParts, files }: FieldsOptions): Promise<Fields> {
  const contentType = c.req.header('content-type') ?? '';
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  const source = openBody(c, { maxBytes, receipt });
  if (type === 'multipart/form-data') {
    return readMultipart(source, contentType, { parts: maxParts });
  }
  if (type === 'application/json') return readJsonForm(source, files);
  throw new InputError(
    `Expected a body of multipart/form-data, as curl -F makes it, or application/json but received ${type || 'none'}.`,
    'unsupported_media',
  );
}
