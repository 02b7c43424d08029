import { z } from 'zod';

// Settings that several layers have, as Keras writes them and with tfjs' defaults.

/** tfjs reads camelCase as well. */
const lower = (value: unknown) =>
  typeof value === 'string' ? value.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase() : value;

const whole = z.number().int();

/** One number for all of `rank` directions, or one each; at least 1. */
export function perDirection(rank: number, fallback?: number) {
  const list = z
    .union([whole.positive(), z.array(whole.positive()).length(rank)])
    .transform((value) => (typeof value === 'number' ? Array<number>(rank).fill(value) : value));
  if (fallback === undefined) return list;
  return list.nullish().transform((value) => value ?? Array<number>(rank).fill(fallback));
}

export const padding = z.preprocess((value) => lower(value) ?? 'valid', z.enum(['valid', 'same']));

/** Keras' Conv1D alone may look back only; tfjs refuses it. */
export const padding1d = z.preprocess((value) => lower(value) ?? 'valid', z.enum(['valid', 'same', 'causal']));

export const dataFormat = z.preprocess(
  (value) => lower(value) ?? 'channels_last',
  z.enum(['channels_last', 'channels_first']),
);

/** Missing or null: as `fallback` says. */
export function flag(fallback: boolean) {
  return z
    .boolean()
    .nullish()
    .transform((value) => value ?? fallback);
}

/** A number; some versions of Keras write it as a list of one. */
export const number = z.union([z.number(), z.tuple([z.number()]).transform(([only]) => only)]);

export function numberOr(fallback: number) {
  return number.nullish().transform((value) => value ?? fallback);
}

export const axis = z.number().int();
