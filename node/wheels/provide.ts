import { mkdir, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { formatBytes, type ProgressOutput, startProgress } from '#core/progress.ts';
import { makeOnce } from '../makeOnce.ts';
import { downloadWheel, findPip } from './pip.ts';
import { unpackWheel } from './unpack.ts';
import type { WheelSet } from './wheel.ts';

export interface ProvideWheelsOptions {
  /** Outside `node_modules`, so that it outlives them. */
  cacheFolder: string;
  output: ProgressOutput;
}

/** Downloads and unpacks what is not in the cache yet, whole or not at all. @returns its folder. */
export async function provideWheels(set: WheelSet, { cacheFolder, output }: ProvideWheelsOptions): Promise<string> {
  const folder = join(cacheFolder, set.name);
  const onWait = (owner: string) => output.write(`Another setup is at work (process ${owner}); waiting for it.\n`);
  await makeOnce(folder, { make: (unfinished) => download(set, unfinished, output), onWait });
  return folder;
}

/** One wheel after the other, so that little more than the result is ever on the disk. */
async function download(set: WheelSet, folder: string, output: ProgressOutput): Promise<void> {
  const pip = await findPip();
  await checkDiskSpace(folder, set);
  const total = set.wheels.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = startProgress({ label: `Downloading ${set.what}`, total, output, format: formatBytes });
  let done = 0;
  try {
    for (const wheel of set.wheels) {
      const download = join(folder, 'download');
      await mkdir(download);
      const onProgress = (bytes: number) => progress.update(done + Math.min(bytes, wheel.bytes));
      const file = await downloadWheel(wheel, { pip, machine: set.machine, folder: download, onProgress });
      done += wheel.bytes;
      progress.update(done, 'unpacking');
      await unpackWheel(file, { keep: wheel.keep, folder });
      await rm(download, { recursive: true });
    }
  } finally {
    progress.end();
  }
}

async function checkDiskSpace(folder: string, { what, diskBytes }: WheelSet): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= diskBytes) return;
  throw new InputError(
    `Expected ${formatBytes(diskBytes)} of free space for ${what} in ${dirname(folder)} but there is ${formatBytes(bavail * bsize)}.\n` +
      'Free some, or put CLAPPER_CACHE=/path/with/space before the command, which names another folder.',
    'too_large',
  );
}

/** @returns what the user can do where the cache cannot be written; other errors as they are. */
export function explainWriteError(
  error: NodeJS.ErrnoException,
  { what, cacheFolder }: { what: string; cacheFolder: string },
): Error {
  if (error instanceof InputError || !error.code) return error;
  const reason = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
  return new InputError(
    `Expected to write ${what} into ${cacheFolder} but ${reason}.\n` +
      'Put CLAPPER_CACHE=/path before the command, which names a folder that can be written and has space.',
    'invalid_request',
    { cause: error },
  );
}
