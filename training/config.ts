import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { classifyConfigSchema, svmConfigSchema } from './classify/config.ts';
import { correspondenceConfigSchema } from './correspondence/config.ts';

/** Every setting of a run. A preset gives them all; `--set path=value` changes one; the run saves the result as `config.json`. */
export const trainConfigSchema = z.discriminatedUnion('task', [
  correspondenceConfigSchema,
  z.discriminatedUnion('classifier', [classifyConfigSchema, svmConfigSchema]),
]);
export type TrainConfig = z.infer<typeof trainConfigSchema>;

/** A run of many steps; the others are fitted at once. */
export type SteppedConfig = Exclude<TrainConfig, { classifier: 'svm' }>;

/**
 * @param preset the preset's settings.
 * @param changes each `path=value`, for example `steps=120` or `network.headUnits=64`; the value is JSON, or else text. Of a path the
 *   end alone will do where no other setting ends so: `headUnits=64`.
 * @throws {InputError} for a path that does not exist or a value that does not fit.
 */
export function resolveConfig(preset: TrainConfig, changes: string[]): TrainConfig {
  const config = structuredClone(preset) as unknown as Settings;
  const known = pathsOf(config);
  for (const change of changes) {
    const [, path, text] = /^([\w.]+)=(.*)$/s.exec(change) ?? [];
    if (path === undefined || text === undefined) {
      throw new InputError(`Expected --set path=value but received "${change}". For example: --set steps=120.`);
    }
    const keys = findPath(path, known).split('.');
    const last = keys.pop() as string;
    const parent = keys.reduce<unknown>((settings, key) => (isGroup(settings) ? settings[key] : null), config);
    if (!isGroup(parent)) {
      throw new InputError(
        `Expected ${keys.join('.')} to be a group of settings, of which "${change}" sets one, but a --set before it made it another value.`,
      );
    }
    const value = parseValue(text);
    if (chosen.includes([...keys, last].join('.')) && value !== parent[last]) {
      throw new InputError(
        `Expected ${last}=${parent[last]}, which the preset stands for, but received "${change}". Choose another with --preset: npx clapper train --help`,
      );
    }
    parent[last] = value;
  }
  const result = trainConfigSchema.safeParse(config);
  if (!result.success) throw new InputError(`The settings do not fit:\n${z.prettifyError(result.error)}`);
  return result.data;
}

/** What makes a preset the one that it is: the record of a run would be wrong, or all other settings. */
const chosen = ['preset', 'task', 'classifier', 'data.kind'];

type Settings = Record<string, unknown>;

/** @returns the whole path of the setting that is meant, where only one can be. */
function findPath(path: string, known: string[]): string {
  if (known.includes(path)) return path;
  const [match, ...others] = known.filter((one) => one.endsWith(`.${path}`));
  // `weight` is the end of one setting, but whoever types it may as well mean `weightDecay`.
  const longer = known.filter((one) => lastKey(one) !== path && lastKey(one).startsWith(path));
  if (match && others.length + longer.length === 0) return match;
  if (match) {
    const meant = [match, ...others, ...longer].join(', ');
    throw new InputError(`"${path}" may mean several settings: ${meant}. Write out the one that you mean.`);
  }
  const group = path.includes('.') ? findPath(path.slice(0, path.lastIndexOf('.')), known) : null;
  const near = group ? known.filter((one) => one.startsWith(`${group}.`)) : known;
  const distances = near.map((one) => distance(lastKey(one), lastKey(path)));
  const guesses = near.filter((_, i) => distances[i] === Math.min(...distances));
  throw new InputError(
    `There is no setting "${path}". Did you mean ${guesses.join(' or ')}? Known here: ${near.join(', ')}.`,
  );
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Of every setting, and of every group of settings. */
function pathsOf(settings: Settings, prefix = ''): string[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    isGroup(value) ? [prefix + key, ...pathsOf(value, `${prefix}${key}.`)] : [prefix + key],
  );
}

function isGroup(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
