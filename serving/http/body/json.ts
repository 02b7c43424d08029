import { InputError } from '#core/errors.ts';
import { type Fields, type FieldValue, FormField } from './fields.ts';
import type { BodySource } from './source.ts';

/** Objects, arrays, and what stands in them: as many are parsed in a few milliseconds. */
const maxValues = 100_000;

/**
 * Reads JSON, and counts its values while it comes: 24 MB of brackets would hold the thread for a second, one long text does not.
 *
 * @throws {InputError} for what is no JSON, or has too many values.
 */
export async function readJson(source: BodySource, limit = maxValues): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  const count = createValueCounter();
  await source.read((chunk) => {
    chunks.push(chunk);
    if (count(chunk) > limit) {
      throw new InputError(
        `Expected JSON of at most ${limit} values but there are more. Send binary data.`,
        'too_large',
      );
    }
  });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch (cause) {
    throw new InputError(`Expected a JSON body: ${(cause as Error).message}.`, 'invalid_request', { cause });
  }
}

/** @returns a function that is given chunk after chunk and says how many values began so far. */
export function createValueCounter(): (chunk: Uint8Array) => number {
  let values = 0;
  let isInText = false;
  let isEscaped = false;
  return (chunk) => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let at = 0; at < bytes.length; at++) {
      if (isInText) {
        if (isEscaped) {
          isEscaped = false;
          continue;
        }
        // Texts are skipped by native search: base64 has neither of these in millions of bytes.
        const end = bytes.indexOf(0x22, at);
        const backslash = bytes.subarray(at, end < 0 ? undefined : end).indexOf(0x5c);
        if (backslash >= 0) {
          at += backslash;
          values += 1 / 64; // base64 has a few, in its line breaks; each takes time to read
          isEscaped = true;
        } else if (end < 0) return values;
        else {
          at = end;
          isInText = false;
        }
        continue;
      }
      const byte = bytes[at];
      if (byte === 0x22) isInText = true;
      else if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values++; // , [ {
    }
    return values;
  };
}

/**
 * The fields of a form as JSON: files in base64 (with or without `data:…;base64,` before), several of one field in an array.
 *
 * @param files the fields that are files.
 */
export async function readJsonForm(source: BodySource, files: readonly string[]): Promise<Fields> {
  const body = await readJson(source, 10_000);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InputError('Expected a JSON object whose members are the fields, files in base64.');
  }
  const fields = new FormField();
  for (const [name, value] of Object.entries(body)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'object' && one !== null) {
        throw new InputError(`${name}: Expected a text, a number or an array of them.`);
      }
      fields.add(name, files.includes(name) && typeof one === 'string' ? decodeBase64(name, one) : (one as FieldValue));
    }
  }
  return fields;
}

function decodeBase64(name: string, text: string): Uint8Array {
  const start = text.startsWith('data:') ? text.indexOf(',') + 1 : 0;
  const encoded = start > 0 ? text.slice(start) : text;
  const bytes = Buffer.from(encoded, 'base64'); // takes both alphabets, skips what is neither
  if (bytes.length !== Buffer.byteLength(encoded, 'base64')) {
    const digits = encoded.replace(/[\s=]+/g, '').length; // line breaks are common
    if (Math.floor((digits * 3) / 4) !== bytes.length) {
      throw new InputError(`${name}: Expected a file in base64 but this text has other characters.`);
    }
  }
  return new Uint8Array(bytes);
}
