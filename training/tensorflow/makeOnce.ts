import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '#node/isRunning.ts';
import { withLock } from './lock.ts';

export interface MakeOnceOptions {
  /** Fills the folder that it is given, which becomes `folder` when all is there. */
  make: (partialFolder: string) => Promise<void>;
  /** Called once when another process is making the same folder: this one then waits. */
  onWait: (owner: string) => void;
}

/**
 * A folder that is whole or absent: it is made under another name and renamed at the end. A kill at any moment leaves a
 * partial folder that the next call removes; two at once end with one folder.
 */
export async function makeOnce(folder: string, { make, onWait }: MakeOnceOptions): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, { onWait }, async () => {
    if (existsSync(folder)) return; // made by the process that we waited for
    await removeAbandoned(folder);
    const partial = `${folder}.partial-${hostname()}-${process.pid}`;
    await mkdir(partial);
    try {
      await make(partial);
      await rename(partial, folder);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      // A lock may be lost (a laptop that slept); then another process made the same folder first.
      if (!existsSync(folder)) throw error;
    }
  });
}

/** Partial folders whose maker no longer runs; of another machine's makers (a shared home) only the old ones. */
async function removeAbandoned(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.partial-`;
  for (const name of await readdir(dirname(folder))) {
    if (!name.startsWith(prefix)) continue;
    const path = join(dirname(folder), name);
    const [, host, pid] = /^(.*)-(\d+)$/.exec(name.slice(prefix.length)) ?? [];
    const isAbandoned =
      host === hostname()
        ? Number(pid) === process.pid || !isRunning(Number(pid))
        : (await hoursSinceChange(path)) > 24;
    if (isAbandoned) await rm(path, { recursive: true, force: true });
  }
}

async function hoursSinceChange(path: string): Promise<number> {
  return (Date.now() - (await stat(path)).mtimeMs) / 3.6e6;
}
