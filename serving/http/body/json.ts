import { setImmediate as turn } from 'node:timers/promises';
import { InputError } from '#core/errors.ts';
import { Fields, type FieldValue } from './fields.ts';
import type { BodySource } from './source.ts';
import { expectName, expectText } from './texts.ts';

export interface JsonOptions {
  /** Objects, arrays, and what stands in them: 100,000 are parsed in a few milliseconds. */
  values: number;
  /** Whether there may be no body. */
  orEmpty?: boolean;
}

/**
 * Reads JSON, and counts its values while it comes: 24 MB of brackets would hold the thread for a second, one long text does not.
 *
 * @returns undefined for no body, where that is allowed.
 * @throws {InputError} for what is no JSON, or has too many values or too deep ones.
 */
export async function readJson(source: BodySource, { values, orEmpty = false }: JsonOptions): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  const check = createJsonGuard(values);
  await source.read((chunk) => {
    chunks.push(chunk);
    check(chunk);
  });
  if (orEmpty && chunks.length === 0) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    if (text.length > longText) await turn();
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`Expected a JSON body: ${(cause as Error).message}.`, 'invalid_request', { cause });
  }
}

/** Before and after each step of what is longer the thread serves others: 24 million characters take each one 20 to 50 ms. */
const longText = 2 ** 20;
/** Of an object, which takes so many times as long to read and look through as a number. */
const memberValues = 16;

/** Tensors have up to eight dimensions; what goes through thousands of levels by calling itself runs out of stack. */
const maxDepth = 64;

/**
 * @param limit on values.
 * @returns a function that is given chunk after chunk. It throws an {@link InputError} once too many values have begun, or too deep ones.
 */
export function createJsonGuard(limit: number): (chunk: Uint8Array) => void {
  const count = createValueCounter();
  return (chunk) => {
    const { values, depth } = count(chunk);
    if (values > limit) {
      throw new InputError(
        `Expected JSON of at most ${limit} values, a member of an object counted as ${memberValues}, but there are more. Send binary data.`,
        'too_large',
      );
    }
    if (depth > maxDepth) {
      throw new InputError(`Expected JSON of at most ${maxDepth} levels but there are more.`, 'too_large');
    }
  };
}

/** @returns a function that is given chunk after chunk and says how many values began so far, and how deep the deepest stands. */
function createValueCounter(): (chunk: Uint8Array) => { values: number; depth: number } {
  const counted = { values: 0, depth: 0 };
  let depth = 0;
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
          counted.values += 1 / 64; // base64 has a few, in its line breaks; each takes time to read
          isEscaped = true;
        } else if (end < 0) return counted;
        else {
          at = end;
          isInText = false;
        }
        continue;
      }
      const byte = bytes[at];
      if (byte === 0x22) isInText = true;
      else if (byte === 0x2c)
        counted.values++; // ,
      else if (byte === 0x3a)
        counted.values += memberValues - 1; // :
      else if (byte === 0x5b || byte === 0x7b) {
        counted.values++; // [ {
        if (++depth > counted.depth) counted.depth = depth;
      } else if (byte === 0x5d || byte === 0x7d) depth--; // ] }
    }
    return counted;
  };
}

/**
 * The fields of a form as JSON: files in base64 (with or without `data:…;base64,` before), several of one field in an array.
 *
 * @param files the fields that are files.
 */
export async function readJsonForm(source: BodySource, files: readonly string[]): Promise<Fields> {
  const body = await readJson(source, { values: 10_000 });
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InputError('Expected a JSON object whose members are the fields, files in base64.');
  }
  const fields = new Fields();
  for (const [name, value] of Object.entries(body)) {
    expectName(name);
    const read = async (one: unknown): Promise<FieldValue> => {
      if (typeof one === 'object' && one !== null) {
        throw new InputError(`${name}: Expected a text, a number or an array of them.`);
      }
      if (typeof one !== 'string') return one as FieldValue;
      if (!files.includes(name)) return expectText(one, one.length);
      if (one.length > longText) await turn();
      return decodeBase64(name, one);
    };
    if (Array.isArray(value)) {
      const values: FieldValue[] = [];
      for (const one of value) values.push(await read(one));
      fields.addArray(name, values);
    } else fields.add(name, await read(value));
  }
  return fields;
}

/** `data:video/webm;codecs=vp8,opus;base64,`: a type may have commas. */
const dataPrefix = /^data:.{0,200}?;base64,/is;

function decodeBase64(name: string, text: string): Uint8Array {
  const [prefix = ''] = dataPrefix.exec(text.slice(0, 300)) ?? [];
  const encoded = text.slice(prefix.length);
  const bytes = Buffer.from(encoded, 'base64'); // takes both alphabets, skips what is neither
  if (bytes.length !== Buffer.byteLength(encoded, 'base64')) {
    const digits = countDigits(encoded); // line breaks are common
    // A space within a line was a plus, before somebody decoded it as a part of an address.
    const isUnplussed = encoded.includes(' ') && /\S +\S/.test(encoded);
    if (isUnplussed || Math.floor((digits * 3) / 4) !== bytes.length) {
      throw new InputError(`${name}: Expected a file in base64 but this text has other characters.`);
    }
  }
  return new Uint8Array(bytes);
}

/** Of a text all but white space and padding. One by one: to search for them takes two seconds where every second character is one. */
function countDigits(text: string): number {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isSpace = code === 0x20 || (code >= 0x09 && code <= 0x0d);
    if (!isSpace && code !== 0x3d) digits++;
  }
  return digits;
}
