import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @returns the folders of the bundles that come with Clapper, in alphabetical order. */
export async function publishedBundles(): Promise<string[]> {
  const models = fileURLToPath(new URL('../../models', import.meta.url));
  const names = (await readdir(models)).filter((name) => existsSync(join(models, name, 'manifest.json')));
  return names.sort().map((name) => relative('', join(models, name)));
}
