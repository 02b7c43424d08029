import { type Ability, expectAble } from '#core/bundle/abilities.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { InputError } from '#core/errors.ts';
import { readManifest } from '#node/bundle/openFolder.ts';

export interface Model {
  manifest: BundleManifest;
  folder: string;
}

/** The bundles that are served, by their manifests' names; the first is the default. */
export type Models = ReadonlyMap<string, Model>;

export async function readModels(folders: string[]): Promise<Models> {
  const models = new Map<string, Model>();
  for (const folder of folders) {
    const manifest = await readManifest(folder);
    const same = models.get(manifest.name);
    if (same) {
      throw new InputError(
        `Expected bundles of different names but ${same.folder} and ${folder} are both "${manifest.name}". Export one with --name.`,
      );
    }
    models.set(manifest.name, { manifest, folder });
  }
  return models;
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
