import { appendFile, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Event, encodeEvent } from './event.ts';
import { tfRecord } from './tfRecord.ts';

/** A file that TensorBoard finds in the run's folder: `tensorboard --logdir runs`. */
export interface EventFile {
  /** Written to the disk's cache when it returns, so a killed process loses none. @param scalars by tag, as `loss/train`. */
  write(step: number, scalars: Record<string, number>): Promise<void>;
}

/**
 * Begins an event file; every start of a run has its own.
 *
 * @param firstStep the first step that will be written; what earlier files hold of it and of later steps, TensorBoard drops.
 */
export async function beginEventFile(folder: string, firstStep: number): Promise<EventFile> {
  const path = join(folder, await nextName(folder));
  const write = (event: Omit<Event, 'wallTimeSeconds'>) =>
    appendFile(path, tfRecord(encodeEvent({ wallTimeSeconds: Date.now() / 1000, ...event })));
  await write({ step: 0, fileVersion: 'brain.Event:2' });
  await write({ step: firstStep, restart: true });
  return { write: (step, scalars) => write({ step, scalars }) };
}

/** TensorBoard reads the files in the order of their names: the second in each is later than in all there are. */
async function nextName(folder: string): Promise<string> {
  const begun = (await readdir(folder)).map((name) => Number(/^events\.out\.tfevents\.(\d+)/.exec(name)?.[1] ?? 0));
  const seconds = Math.max(Math.floor(Date.now() / 1000), ...begun.map((second) => second + 1));
  return `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostname()}.clapper`;
}
