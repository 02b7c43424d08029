import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { cacheFolder as ownCacheFolder } from '#node/cacheFolder.ts';
import { makeOnce } from '#node/makeOnce.ts';
import {
  buildKey,
  compile,
  expectLoadable,
  filesIn,
  findCompiler,
  libraryFlags,
  nodeApiHeaders,
  sourcesIn,
} from '#node/nativeAddon.ts';

const folder = fileURLToPath(new URL('../../../native/loader', import.meta.url));
const flags = [...libraryFlags, '-O3', '-fno-math-errno'];

/** Compiles the loader's native part, where it is not in the cache yet. */
export async function provideLoaderAddon(cacheFolder: string, output: ProgressOutput): Promise<void> {
  const file = addonFile(cacheFolder);
  if (existsSync(file)) return;
  const compiler = await findCompiler();
  output.write(`Building the loader with ${compiler} …\n`);
  await makeOnce(dirname(file), {
    onWait: (owner) => output.write(`Another setup is at work (process ${owner}); waiting for it.\n`),
    async make(unfinished) {
      const addon = join(unfinished, 'loader.node');
      await compile(compiler, [...flags, '-I', nodeApiHeaders(), ...sourcesIn(folder), '-o', addon], 'the loader');
      await expectLoadable(addon, 'The loader');
    },
  });
}

/** @returns its file. @throws {InputError} where it is not set up. */
export function findLoaderAddon(): string {
  const file = addonFile(ownCacheFolder());
  if (existsSync(file)) return file;
  throw new InputError(
    `Expected the native part of the loader in ${dirname(file)}, where \`clapper setup\` compiles it, but it is not there. Run: npx clapper setup`,
    'not_found',
  );
}

function addonFile(cacheFolder: string): string {
  return join(cacheFolder, `loader-${buildKey(filesIn(folder), flags)}`, 'loader.node');
}
