import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Ability, expectAble } from '#core/bundle/abilities.ts';
import { type Variant, variantSchema } from '#core/bundle/graphs.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { readManifest } from '#node/bundle/readManifest.ts';
import type { BundleToLoad } from './protocol.ts';

export interface Model {
  manifest: BundleManifest;
  folder: string;
  /** That are loaded; the first is the default. */
  variants: Variant[];
  /** Of the manifest: what an answer was computed with. */
  digest: string;
}

/** The bundles that are served, by their manifests' names; the first is the default. */
export type Models = ReadonlyMap<string, Model>;

export interface ModelsToRead {
  folders: string[];
  /** Those to load where a bundle has them; default all. */
  variants?: Variant[] | undefined;
}

/** @throws {InputError} for a folder that is no bundle, and for two of one name. */
export async function readModels({ folders, variants }: ModelsToRead): Promise<Models> {
  const models = new Map<string, Model>();
  for (const folder of folders) {
    const manifest = await readManifest(folder);
    const same = models.get(manifest.name);
    if (same) {
      throw new InputError(
        `Expected bundles of different names but ${same.folder} and ${folder} are both "${manifest.name}". Export one with --name.`,
      );
    }
    models.set(manifest.name, {
      manifest,
      folder,
      digest: digestOf(manifest),
      variants: chooseVariants(manifest, variants),
    });
  }
  return models;
}

/** A manifest names its files by their content: of two bundles that compute something else the digests differ. */
export function digestOf(manifest: BundleManifest): string {
  return hash('sha256', JSON.stringify(manifest));
}

function chooseVariants({ name, variants }: BundleManifest, wanted: Variant[] | undefined): Variant[] {
  const there = variantSchema.options.filter((variant) => variants[variant]);
  const chosen = wanted ? wanted.filter((variant) => there.includes(variant)) : there;
  if (chosen.length === 0) {
    throw new InputError(`Expected one of ${wanted?.join(', ')} in "${name}" but it has ${there.join(', ')}.`);
  }
  return chosen;
}

/**
 * @param bundle folders that were named.
 * @param models a folder whose bundles follow.
 * @returns each bundle's folder once, however it was written.
 */
export async function bundleFolders({
  bundle = [],
  models,
}: {
  bundle?: string[];
  models?: string;
}): Promise<string[]> {
  const folders = [...bundle, ...(models === undefined ? [] : await findBundles(models))];
  return [...new Map(folders.map((folder) => [resolve(folder), folder])).values()];
}

/** @returns the bundles inside a folder such as `models/`, in alphabetical order. */
async function findBundles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw new InputError(`Expected a folder of bundles at ${folder} but it cannot be read.`, 'not_found', { cause });
  });
  const folders = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => join(folder, name));
  const bundles = folders.filter((path) => existsSync(join(path, 'manifest.json'))).sort();
  if (bundles.length === 0) {
    throw new InputError(
      `Expected bundles inside ${folder} but none of its folders has a manifest.json. Make one with: npx clapper export`,
      'not_found',
    );
  }
  return bundles;
}

export function bundleKey(model: string, variant: Variant): string {
  return `${model}/${variant}`;
}

export function bundlesToLoad(models: Models): BundleToLoad[] {
  return Array.from(models, ([name, { folder, variants, digest }]) =>
    variants.map((variant) => ({ key: bundleKey(name, variant), folder, variant, digest })),
  ).flat();
}

/** @throws {InputError} not_found */
export function findModel(models: Models, name = [...models.keys()][0] as string): Model {
  const model = models.get(name);
  if (!model) {
    throw new InputError(`There is no model "${name}" here; there is ${[...models.keys()].join(', ')}.`, 'not_found');
  }
  return model;
}

/** @throws {InputError} not_found, also where the model cannot do what is asked. */
export function findAbleModel(models: Models, name: string | undefined, ability: Ability): Model {
  const model = findModel(models, name);
  expectAble(model.manifest, ability);
  return model;
}

/** @throws {InputError} not_found */
export function findVariant({ manifest, variants }: Model, variant = variants[0] as Variant): Variant {
  if (variants.includes(variant)) return variant;
  throw new InputError(
    `The model "${manifest.name}" has no ${variant} here; it has ${variants.join(', ')}.`,
    'not_found',
  );
}
