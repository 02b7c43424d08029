import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { makeAtomically, removeUnfinished } from './atomic.ts';
import { withLock } from './lock.ts';

export interface MakeOnceOptions {
  /** Fills the folder that it is given, which becomes `folder` when all is there. */
  make: (unfinishedFolder: string) => Promise<void>;
  /** Called once when another process is making the same folder: this one then waits. */
  onWait: (owner: string) => void;
}

/**
 * A folder that is whole or absent. A kill at any moment leaves an unfinished one that the next call removes; two at once end with
 * one folder.
 */
export async function makeOnce(folder: string, { make, onWait }: MakeOnceOptions): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, { onWait }, async () => {
    if (existsSync(folder)) return; // made by the process that we waited for
    await removeUnfinished(dirname(folder), basename(folder));
    try {
      await makeAtomically(folder, async (unfinished) => {
        await mkdir(unfinished);
        await make(unfinished);
      });
    } catch (error) {
      // A lock may be lost (a laptop that slept); then another process made the same folder first.
      if (!existsSync(folder)) throw error;
    }
  });
}
