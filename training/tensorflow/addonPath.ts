import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { nodeApiVersion } from '#node/nativeAddon.ts';

const require = createRequire(import.meta.url);

/** The folder of the tfjs package. */
export function tfjsFolder(): string {
  return dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
}

/** Where tfjs looks for its native addon: here it is a link into the cache. */
export function addonPath(packageFolder = tfjsFolder()): string {
  return join(packageFolder, `lib/napi-v${nodeApiVersion}/tfjs_binding.node`);
}

/** @returns the folder in the cache that tfjs' addon is linked from, with all that was compiled; null where there is none of ours. */
export function linkedAddonFolder(packageFolder = tfjsFolder()): string | null {
  const link = addonPath(packageFolder);
  return existsSync(link) ? dirname(realpathSync(link)) : null;
}
