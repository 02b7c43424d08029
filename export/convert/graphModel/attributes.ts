import { z } from 'zod';
import type { ElementType } from '../../onnx/value.ts';

/** What a node is set to, as plain values: numbers, truth values, text, names of types (`DT_FLOAT`), shapes, lists of them. */
export type Attributes = Record<string, unknown>;

/** @param attr TensorFlow's `AttrValue` messages in protobuf's JSON, by name. Whole numbers may be text, and text is base64 or its bytes. */
export function readAttributes(attr: Record<string, unknown>): Attributes {
  return Object.fromEntries(Object.entries(attr).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  const [[kind, held] = ['', undefined]] = Object.entries(value);
  return kind === 'list' ? listOf(held) : oneOf(kind, held);
}

function listOf(list: unknown): unknown[] {
  const [[kind, values] = ['', []]] = Object.entries((list ?? {}) as Record<string, unknown>).filter(
    ([, held]) => Array.isArray(held) && held.length > 0,
  );
  return (values as unknown[]).map((held) => oneOf(kind, held));
}

function oneOf(kind: string, held: unknown): unknown {
  switch (kind) {
    case 'i':
    case 'f':
      return Number(held);
    case 's':
      return Array.isArray(held) ? String.fromCharCode(...held) : atob(String(held));
    case 'shape':
      return readShape(held);
    case 'b':
    case 'type':
      return held;
    default:
      return undefined; // functions and tensors, which no operator here reads
  }
}

/** Sizes; null: one that each run chooses. `unknown`: not even how many there are. */
export type PartialShape = (number | null)[] | 'unknown';

export function readShape(shape: unknown): PartialShape {
  const { unknownRank, dim = [] } = (shape ?? {}) as { unknownRank?: boolean; dim?: { size?: string | number }[] };
  if (unknownRank) return 'unknown';
  return dim.map(({ size }) => (Number(size) >= 0 ? Number(size) : null));
}

/** TensorFlow's numbers for types (types.proto), where a file has those instead of names. */
const typeNumbers: Record<number, string> = { 1: 'FLOAT', 2: 'DOUBLE', 3: 'INT32', 4: 'UINT8', 6: 'INT8' };
Object.assign(typeNumbers, { 7: 'STRING', 8: 'COMPLEX64', 9: 'INT64', 10: 'BOOL', 19: 'HALF' });

/** What tfjs has for the types of TensorFlow: numbers are float32 or int32. */
export const elementType = z
  .union([z.string(), z.number().transform((number) => `DT_${typeNumbers[number] ?? number}`)])
  .transform((name, context): ElementType => {
    if (/^DT_(FLOAT|HALF|DOUBLE)$/.test(name)) return 'float32';
    if (/^DT_(U?INT8|INT32|INT64)$/.test(name)) return 'int32';
    if (name === 'DT_BOOL') return 'bool';
    context.addIssue({ code: 'custom', message: `Expected numbers or truth values but it holds ${name}` });
    return z.NEVER;
  });
