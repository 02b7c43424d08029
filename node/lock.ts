import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './isRunning.mjs';

const beatMs = 1000;
const staleMs = 15_000;

/**
 * Runs `work` while no other process, on this or another machine, runs it under the same lock file. A lock whose owner
 * was killed is taken over. It spares double work; it is not what keeps files whole (see `makeOnce.ts`).
 */
export async function withLock(
  file: string,
  { onWait }: { onWait: (owner: string) => void },
  work: () => Promise<void>,
): Promise<void> {
  let waited = false;
  while (!(await tryCreate(file))) {
    const owner = await liveOwner(file);
    if (owner === null) {
      await rm(file, { force: true });
      continue;
    }
    if (!waited) onWait(owner);
    waited = true;
    await sleep(200);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {}); // taken over, or the folder is gone: the work itself will say so
  }, beatMs);
  try {
    await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function tryCreate(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${hostname()} ${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @returns `host pid` of the owner, or null where there is none (any more). */
async function liveOwner(file: string): Promise<string | null> {
  try {
    const [content, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    if (Date.now() - mtimeMs > staleMs) return null;
    const [host, pid] = content.split(' ');
    return host === hostname() && !isRunning(Number(pid)) ? null : content;
  } catch {
    return null; // released just now
  }
}
