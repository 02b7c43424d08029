import { z } from 'zod';
import { InputError } from '../errors.ts';
import { findGraph } from './graphs.ts';
import type { BundleManifest } from './manifest.ts';

/** What can be asked of a bundle. One that learnt to classify sounds alone holds no graph that sees, and none that matches. */
export const abilitySchema = z.enum(['match', 'classify-audio', 'classify-image', 'embed-audio', 'embed-image']);
export type Ability = z.infer<typeof abilitySchema>;

const words: Record<Ability, string> = {
  match: 'match sounds with images',
  'classify-audio': 'classify sounds',
  'classify-image': 'classify images',
  'embed-audio': 'embed sounds',
  'embed-image': 'embed images',
};

export function abilitiesOf(manifest: BundleManifest): Ability[] {
  const has = (graph: string) => findGraph(manifest, graph) !== undefined;
  const classifies = (sense: string) => manifest.classifiers.some(({ input }) => input.startsWith(sense));
  const able: Record<Ability, boolean> = {
    match: has('match'),
    'classify-audio': classifies('audio'),
    'classify-image': classifies('image'),
    'embed-audio': has('audio'),
    'embed-image': has('image'),
  };
  return abilitySchema.options.filter((ability) => able[ability]);
}

/** @throws {InputError} not_found, saying what the bundle can do. */
export function expectAble(manifest: BundleManifest, ability: Ability): void {
  if (!abilitiesOf(manifest).includes(ability)) throw cannot(manifest, ability);
}

/** @returns the error for what the bundle holds no graph for. */
export function cannot(manifest: BundleManifest, ability: Ability): InputError {
  const others = abilitiesOf(manifest).map((other) => words[other]);
  return new InputError(
    `The model "${manifest.name}" cannot ${words[ability]}: it was made without the graph for that. It can ${others.join(', ')}.`,
    'not_found',
  );
}

/** @returns the error for a graph that the bundle lacks, by its name. */
export function cannotRun(manifest: BundleManifest, graph: string): InputError {
  if (graph === 'match') return cannot(manifest, 'match');
  if (graph === 'audio' || graph === 'image') return cannot(manifest, `embed-${graph}`);
  const names = manifest.graphs.map(({ name }) => name).join(', ');
  return new InputError(`The model "${manifest.name}" has no graph "${graph}"; it has ${names}.`, 'not_found');
}
