import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgressOutput } from '#core/progress.ts';
import { makeOnce } from '#node/makeOnce.ts';
import { findCompiler } from '#node/nativeAddon.ts';
import { explainWriteError, provideWheels } from '#node/wheels/provide.ts';
import type { WheelSet } from '#node/wheels/wheel.ts';
import { addonKey, buildAddon, linkAddon } from './addon.ts';
import { linkedAddonFolder } from './addonPath.ts';

export interface ProvideOptions {
  /** Of tfjs. */
  packageFolder: string;
  /** Outside `node_modules`, so that it outlives them. */
  cacheFolder: string;
  output: ProgressOutput;
}

/**
 * Gives tfjs a TensorFlow: wheels → cache → addon → link. Each step is there whole or not at all, and what is there
 * already is used.
 */
export async function provideTensorFlow(build: WheelSet, options: ProvideOptions): Promise<void> {
  const { packageFolder, cacheFolder, output } = options;
  const libraries = join(cacheFolder, build.name);
  const addonFolder = join(libraries, addonKey(packageFolder));
  const onWait = (owner: string) => output.write(`Another setup is at work (process ${owner}); waiting for it.\n`);
  try {
    if (!existsSync(addonFolder)) {
      const compiler = await findCompiler(); // asked first: a long download that cannot be used helps nobody
      await provideWheels(build, { cacheFolder, output });
      const makeAddon = (folder: string) => {
        output.write(`Building the addon between Node and TensorFlow with ${compiler} …\n`);
        return buildAddon({ compiler, packageFolder, libraries, folder });
      };
      await makeOnce(addonFolder, { make: makeAddon, onWait });
    }
    if (linkedAddonFolder(packageFolder) !== realpathSync(addonFolder)) await linkAddon(packageFolder, addonFolder);
  } catch (error) {
    throw explainWriteError(error as NodeJS.ErrnoException, { what: build.what, cacheFolder });
  }
}
