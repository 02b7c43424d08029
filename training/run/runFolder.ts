import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { removeUnfinished, writeAtomically } from '#node/atomic.ts';
import { type Lock, type TakenLock, tryLock } from '#node/lock.ts';
import { type TrainConfig, trainConfigSchema } from '../config.ts';
import type { Checkpoint } from './checkpoint.ts';
import { explainWriting } from './explainStop.ts';
import { type Damage, loadNewestCheckpoint, newestCheckpointFolder } from './savedCheckpoints.ts';
import { beginEventFile, type EventFile } from './tensorboard/eventFile.ts';

/** One line of `metrics.jsonl`. No times in it: a resumed run writes the same lines as one that was never stopped. */
export interface MetricsLine {
  step: number;
  /** None: of the training batch. */
  split?: 'validation' | 'test';
  [metric: string]: number | string | undefined;
}

export interface RunFolder {
  path: string;
  /** To continue from; null: a run that has just begun. */
  checkpoint: Checkpoint | null;
  /** Writes a line of `metrics.jsonl`, and the same for TensorBoard. */
  log(line: MetricsLine): Promise<void>;
  /** Lets other processes go on with the run. */
  release(): Promise<void>;
  /** Leaves nothing behind of a run that has just begun and has logged nothing: its folder is free for other settings. */
  withdraw(): Promise<void>;
}

export interface OpenRunOptions {
  config: TrainConfig;
  /** Continue what is there, if anything is. */
  resume: boolean;
  /** For people: what was damaged. */
  output: ProgressOutput;
}

/**
 * Makes a run's folder, or opens it to go on from its newest checkpoint. A damaged one is set aside, and the one before is taken.
 *
 * @throws {InputError} where a run stands already and `resume` is not asked, it was begun with other settings, another process trains there,
 *   or the folder cannot be written to.
 */
export async function openRunFolder(path: string, options: OpenRunOptions): Promise<RunFolder> {
  const configFile = join(path, 'config.json');
  const isBegun = existsSync(configFile);
  if (isBegun) await checkBegun(path, configFile, options);
  const lock = await lockRun(path);
  try {
    return await openLocked(path, { ...options, isBegun, lock });
  } catch (error) {
    await lock.release();
    throw (await explainWriting(error as NodeJS.ErrnoException, path)) ?? error;
  }
}

/** A step may take minutes, in which its process gives no sign. */
const silentMs = 15 * 60_000;

/** Two processes would remove each other's checkpoints. */
async function lockRun(path: string): Promise<Lock> {
  let lock: Lock | TakenLock;
  try {
    await mkdir(path, { recursive: true });
    lock = await tryLock(join(path, 'train.lock'), { silentMs });
  } catch (error) {
    throw (await explainWriting(error as NodeJS.ErrnoException, path)) ?? error;
  }
  if ('release' in lock) return lock;
  const [host, pid] = lock.owner.split(' ');
  throw new InputError(
    `Expected ${path} for this run alone but process ${pid} on ${host} trains there. Wait for it or stop it, then give the same command again; ` +
      'or choose another folder with --out.',
  );
}

async function openLocked(
  path: string,
  { config, output, isBegun, lock }: OpenRunOptions & { isBegun: boolean; lock: Lock },
): Promise<RunFolder> {
  const configFile = join(path, 'config.json');
  const metricsFile = join(path, 'metrics.jsonl');
  const checkpoint = isBegun ? await openNewest(path, output) : null;
  const savedStep = checkpoint?.state.step ?? 0;
  let isEmpty = !isBegun;
  await removeUnfinished(path);
  await writeAtomically(configFile, `${JSON.stringify(config, null, 2)}\n`);
  await writeAtomically(metricsFile, await linesUpTo(metricsFile, savedStep));
  let events: EventFile | null = null;
  return {
    path,
    checkpoint,
    async log(line) {
      isEmpty = false;
      await appendFile(metricsFile, `${JSON.stringify(line)}\n`);
      events ??= await beginEventFile(path, savedStep + 1);
      await events.write(line.step, scalarsOf(line));
    },
    release: lock.release,
    async withdraw() {
      if (!isEmpty || (await newestCheckpointFolder(path)) !== null) return;
      for (const file of [configFile, metricsFile]) await rm(file, { force: true });
    },
  };
}

async function checkBegun(path: string, configFile: string, { config, resume }: OpenRunOptions): Promise<void> {
  if (!resume) {
    throw new InputError(
      `${path} holds a run already. Add --resume to continue it, or choose another folder with --out.`,
    );
  }
  const begun = parseJson(trainConfigSchema, await readFile(configFile, 'utf8'), configFile);
  if (isDeepStrictEqual(begun, config)) return;
  throw new InputError(
    `${path} was begun with other settings (${differences(begun, config).join(', ')}). ` +
      'Resume it with the same, or choose another folder with --out.',
  );
}

async function openNewest(path: string, output: ProgressOutput): Promise<Checkpoint | null> {
  const damages: Damage[] = [];
  const checkpoint = await loadNewestCheckpoint(path, (damage) => damages.push(damage));
  for (const { folder, reason } of damages) {
    await rm(`${folder}.damaged`, { recursive: true, force: true });
    await rename(folder, `${folder}.damaged`);
    output.write(`Going on from step ${checkpoint?.state.step}; set aside as ${folder}.damaged: ${reason}\n`);
  }
  return checkpoint;
}

/** By TensorBoard's tags: the charts of one metric, whatever it was measured on, stand together. */
function scalarsOf({ step, split, ...metrics }: MetricsLine): Record<string, number> {
  const numbers = Object.entries(metrics).filter((metric): metric is [string, number] => typeof metric[1] === 'number');
  return Object.fromEntries(numbers.map(([name, value]) => [`${name}/${split ?? 'train'}`, value]));
}

/** What was logged after the checkpoint was saved will be logged again. */
async function linesUpTo(metricsFile: string, step: number): Promise<string> {
  if (!existsSync(metricsFile)) return '';
  const lines = (await readFile(metricsFile, 'utf8')).split('\n').slice(0, -1); // a kill may have cut the last line short
  const kept = lines.filter((line) => (JSON.parse(line) as MetricsLine).step <= step);
  return kept.map((line) => `${line}\n`).join('');
}

/** @returns the paths of the settings that differ. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a)) return [path];
  return Object.keys({ ...a, ...b }).flatMap((key) =>
    differences(a[key as keyof typeof a], b[key as keyof typeof b], path ? `${path}.${key}` : key),
  );
}
