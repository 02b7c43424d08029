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
  const secondsNow = () => Math.round((earlierSeconds ?? 0) + (performance.now() - startMs) / 1000);
  const write = async (seconds: number) => {
    if (earlierSeconds === null || !existsSync(run)) return;
    await writeAtomically(fileOf(run), `${JSON.stringify({ seconds })}\n`);
  };
  let written = Promise.resolve(); // one after the other: on a slow disk an earlier time would overwrite a later one
  const timer = setInterval(() => {
    const seconds = secondsNow();
    written = written.then(() => write(seconds)).catch(() => {}); // what keeps it from being written is told at the end
  }, 10_000);
  return {
    earlierSeconds,
    async end() {
      clearInterval(timer);
      await written;
      await write(secondsNow());
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
