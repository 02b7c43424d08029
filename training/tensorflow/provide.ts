import { existsSync, realpathSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { formatBytes, type ProgressOutput, startProgress } from '#core/progress.ts';
import { makeOnce } from '#node/makeOnce.ts';
import { findCompiler } from '#node/nativeAddon.ts';
import { addonKey, buildAddon, linkAddon } from './addon.ts';
import { linkedAddonFolder } from './addonPath.ts';
import { downloadWheel, findPip } from './pip.ts';
import { unpackWheel } from './unpack.ts';
import type { TensorFlowBuild } from './wheels.ts';

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
export async function provideTensorFlow(build: TensorFlowBuild, options: ProvideOptions): Promise<void> {
  const { packageFolder, cacheFolder, output } = options;
  const libraries = join(cacheFolder, build.name);
  const addonFolder = join(libraries, addonKey(packageFolder));
  const onWait = (owner: string) => output.write(`Another setup is at work (process ${owner}); waiting for it.\n`);
  try {
    if (!existsSync(addonFolder)) {
      const compiler = await findCompiler(); // asked first: a long download that cannot be used helps nobody
      const make = (folder: string) => downloadLibraries(build, folder, output);
      await makeOnce(libraries, { make, onWait });
      const makeAddon = (folder: string) => {
        output.write(`Building the addon between Node and TensorFlow with ${compiler} …\n`);
        return buildAddon({ compiler, packageFolder, libraries, folder });
      };
      await makeOnce(addonFolder, { make: makeAddon, onWait });
    }
    if (linkedAddonFolder(packageFolder) !== realpathSync(addonFolder)) await linkAddon(packageFolder, addonFolder);
  } catch (error) {
    throw explainFileError(error as NodeJS.ErrnoException, cacheFolder);
  }
}

/** One wheel after the other, so that little more than the result is ever on the disk. */
async function downloadLibraries(build: TensorFlowBuild, folder: string, output: ProgressOutput): Promise<void> {
  const pip = await findPip();
  await checkDiskSpace(folder, build.diskBytes);
  const total = build.wheels.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = startProgress({ label: 'Downloading TensorFlow', total, output, format: formatBytes });
  let done = 0;
  try {
    for (const wheel of build.wheels) {
      const download = join(folder, 'download');
      await mkdir(download);
      const onProgress = (bytes: number) => progress.update(done + Math.min(bytes, wheel.bytes));
      const file = await downloadWheel(wheel, { pip, machine: build.machine, folder: download, onProgress });
      done += wheel.bytes;
      progress.update(done, 'unpacking');
      await unpackWheel(file, { keep: wheel.keep, folder });
      await rm(download, { recursive: true });
    }
  } finally {
    progress.end();
  }
}

async function checkDiskSpace(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= neededBytes) return;
  throw new InputError(
    `Expected ${formatBytes(neededBytes)} of free space for TensorFlow in ${dirname(folder)} but there is ${formatBytes(bavail * bsize)}.\n` +
      'Free some, or name another folder: CLAPPER_CACHE=/path/with/space npx clapper setup',
    'too_large',
  );
}

function explainFileError(error: NodeJS.ErrnoException, cacheFolder: string): Error {
  if (error instanceof InputError || !error.code) return error;
  const reason = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  return new InputError(
    `Expected to write TensorFlow into ${cacheFolder} but ${reason}.\n` +
      'Name a folder that can be written and has space: CLAPPER_CACHE=/path npx clapper setup',
    'invalid_request',
    { cause: error },
  );
}
