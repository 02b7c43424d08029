import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { isRunning } from './isRunning.mjs';

/**
 * Makes a file or a folder that is whole or absent, whenever the process is killed: it is made under another name and renamed at the end.
 *
 * @param path of a file, which is replaced, or of a folder that does not stand there, or stands empty, when `make` ends.
 * @param make is given the name to make it under.
 */
export async function makeAtomically<T>(path: string, make: (unfinished: string) => Promise<T>): Promise<T> {
  const unfinished = unfinishedName(path);
  try {
    const made = await make(unfinished);
    await rename(unfinished, path);
    return made;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }); // a full disk needs the room
    throw error;
  }
}

/** As {@link makeAtomically}. */
export function writeAtomically(file: string, content: string): Promise<void> {
  return makeAtomically(file, (unfinished) => writeFile(unfinished, content, { flush: true }));
}

/** Under which this process makes a file or a folder: beside it, also where its path ends with `/` or is `.`. */
export function unfinishedName(path: string): string {
  return `${resolve(path)}.unfinished-${hostname()}-${process.pid}`;
}

/**
 * Removes what killed processes have left in a folder; on other machines' word, what has not grown for a day.
 *
 * @param only what it was to become; default all. This process must not be making it.
 */
export async function removeUnfinished(folder: string, only?: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, whole, host, digits] = /^(.+)\.unfinished-(.+)-(\d+)$/.exec(name) ?? [];
    if (!digits || (only !== undefined && whole !== only)) continue;
    const path = join(folder, name);
    const pid = Number(digits);
    // In a container started again, the process before had the same number.
    const isAbandoned =
      host === hostname() ? pid === process.pid || !isRunning(pid) : (await hoursSinceChange(path)) > 24;
    if (isAbandoned) await rm(path, { recursive: true, force: true });
  }
}

async function hoursSinceChange(path: string): Promise<number> {
  const changed = await stat(path).catch(() => null); // finished just now
  return changed ? (Date.now() - changed.mtimeMs) / 3.6e6 : 0;
}
