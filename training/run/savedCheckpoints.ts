import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { makeAtomically } from '#node/atomic.ts';
import { type Checkpoint, loadCheckpoint, readState, type UnsavedCheckpoint, writeCheckpoint } from './checkpoint.ts';

/** Newest checkpoints kept in a run's folder, beside those they have chosen: one to fall back to, should the last prove unreadable. */
const keep = 2;

/**
 * Writes `RUN/step-N/`. A kill at any moment leaves the one before.
 *
 * @returns the folder.
 */
export async function saveCheckpoint(runDir: string, checkpoint: UnsavedCheckpoint): Promise<string> {
  const folder = checkpointFolder(runDir, checkpoint.state.step);
  await makeAtomically(folder, async (unfinished) => {
    await rm(unfinished, { recursive: true, force: true });
    await writeCheckpoint(unfinished, checkpoint);
    await rm(folder, { recursive: true, force: true });
  });
  await removeOld(runDir);
  return folder;
}

export interface Damage {
  folder: string;
  reason: string;
}

/**
 * Reads the run's newest checkpoint that can be read.
 *
 * @param onDamaged is told of each newer one, and why it cannot.
 * @returns null where there is none.
 * @throws {InputError} where there are some and all of them are damaged.
 */
export async function loadNewestCheckpoint(
  runDir: string,
  onDamaged: (damage: Damage) => void = () => {},
): Promise<Checkpoint | null> {
  const damages: Damage[] = [];
  for (const step of (await savedSteps(runDir)).reverse()) {
    const folder = checkpointFolder(runDir, step);
    try {
      const checkpoint = await loadCheckpoint(folder);
      for (const damage of damages) onDamaged(damage);
      return checkpoint;
    } catch (error) {
      damages.push({ folder, reason: (error as Error).message });
    }
  }
  if (damages.length === 0) return null;
  const reasons = damages.map(({ folder, reason }) => `  ${basename(folder)}: ${reason}`);
  throw new InputError(
    `Expected a checkpoint in ${runDir} but none can be read:\n${reasons.join('\n')}\nTrain anew in another folder.`,
    'unreadable_media',
  );
}

/** @returns the folder of the run's newest checkpoint; null where there is none. */
export async function newestCheckpointFolder(runDir: string): Promise<string | null> {
  const step = (await savedSteps(runDir)).at(-1);
  return step === undefined ? null : checkpointFolder(runDir, step);
}

async function savedSteps(runDir: string): Promise<number[]> {
  if (!existsSync(runDir)) return [];
  const steps = (await readdir(runDir))
    .map((name) => /^step-(\d+)$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined);
  return steps.map(Number).sort((a, b) => a - b);
}

export function checkpointFolder(runDir: string, step: number): string {
  return join(runDir, `step-${step}`);
}

async function removeOld(runDir: string): Promise<void> {
  const steps = await savedSteps(runDir);
  const kept = new Set(steps.slice(-keep));
  for (const step of [...kept]) {
    const state = await readState(checkpointFolder(runDir, step)).catch(() => null); // damaged since, perhaps
    if (state?.chosen) kept.add(state.chosen.step);
  }
  for (const step of steps.filter((step) => !kept.has(step))) {
    await rm(checkpointFolder(runDir, step), { recursive: true });
  }
}
