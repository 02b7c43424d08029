import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './isRunning.mjs';

const beatMs = 1000;
const staleMs = 15_000;

/** Of this process. A process in a container started again has the number of the one before. */
const held = new Set<string>();

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
  let lock = await tryLock(file);
  for (; 'owner' in lock; lock = await tryLock(file)) {
    if (!waited) onWait(lock.owner);
    waited = true;
    await sleep(200);
  }
  try {
    await work();
  } finally {
    await lock.release();
  }
}

export interface Lock {
  release(): Promise<void>;
}

/** Which other process has the lock, as `host pid`. */
export interface TakenLock {
  owner: string;
}

/** @param silentMs after which an owner that has given no sign is taken for dead; of one on this machine its end is seen at once. */
export async function tryLock(file: string, { silentMs = staleMs } = {}): Promise<Lock | TakenLock> {
  const path = resolve(file);
  while (!(await tryCreate(path))) {
    const owner = await liveOwner(path, silentMs);
    if (owner !== null) return { owner };
    await rm(path, { force: true });
  }
  held.add(path);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {}); // taken over, or the folder is gone: the work itself will say so
  }, beatMs);
  return {
    async release() {
      clearInterval(beat);
      held.delete(path);
      await rm(path, { force: true });
    },
  };
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
async function liveOwner(file: string, silentMs: number): Promise<string | null> {
  try {
    const [content, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    if (Date.now() - mtimeMs > silentMs) return null;
    const [host, digits] = content.split(' ');
    const pid = Number(digits);
    const isAlive = pid === process.pid ? held.has(file) : isRunning(pid);
    return host === hostname() && !isAlive ? null : content;
  } catch {
    return null; // released just now
  }
}
