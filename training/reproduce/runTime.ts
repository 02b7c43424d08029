import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '#core/json.ts';
import { writeAtomically } from '#node/atomic.ts';

const timeSchema = z.strictObject({ seconds: z.number().nonnegative() });

/** One try at a run. */
export interface Try {
  /** What earlier tries took; null: they left no time. */
  earlierSeconds: number | null;
  /** Writes this one's time beside theirs. */
  end(): Promise<void>;
}

/** Counts what a run takes over all tries, in its folder: one that is killed has left its time to within ten seconds. */
export async function startTry(run: string): Promise<Try> {
  const earlierSeconds = await secondsOf(run);
  const startMs = performance.now();
  const write = async () => {
    if (earlierSeconds === null || !existsSync(run)) return;
    const seconds = Math.round(earlierSeconds + (performance.now() - startMs) / 1000);
    await writeAtomically(fileOf(run), `${JSON.stringify({ seconds })}\n`);
  };
  let written = Promise.resolve();
  const timer = setInterval(() => {
    written = write().catch(() => {}); // what keeps it from being written is told at the end
  }, 10_000);
  return {
    earlierSeconds,
    async end() {
      clearInterval(timer);
      await written;
      await write();
    },
  };
}

/** @returns of all tries so far; null: they were not counted. */
export async function secondsOf(run: string): Promise<number | null> {
  const file = fileOf(run);
  if (existsSync(file)) return parseJson(timeSchema, await readFile(file, 'utf8'), file).seconds;
  return existsSync(join(run, 'config.json')) ? null : 0;
}

function fileOf(run: string): string {
  return join(run, 'reproduce-time.json');
}
