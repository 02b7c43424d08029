import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '#node/isRunning.ts';

/** Under which this process writes a file until it is whole. */
export function unfinishedName(file: string): string {
  return `${file}.unfinished-${hostname()}-${process.pid}`;
}

/** A file that is whole or absent, whenever the process is killed. */
export async function writeWhole(file: string, content: string): Promise<void> {
  await writeFile(unfinishedName(file), content, { flush: true });
  await rename(unfinishedName(file), file);
}

/** Removes what killed processes have left in a folder; on other machines' word, what has not grown for a day. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, host, pid] = /\.unfinished-(.+)-(\d+)$/.exec(name) ?? [];
    if (!pid) continue;
    const path = join(folder, name);
    const isAbandoned = host === hostname() ? !isRunning(Number(pid)) : (await hoursSinceChange(path)) > 24;
    if (isAbandoned) await rm(path, { force: true });
  }
}

async function hoursSinceChange(path: string): Promise<number> {
  const changed = await stat(path).catch(() => null); // finished just now
  return changed ? (Date.now() - changed.mtimeMs) / 3.6e6 : 0;
}
