import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Golden } from '#core/bundle/golden.ts';
import { type CheckpointState, checkpointStateSchema } from '#core/checkpoint.ts';
import { parseJson } from '#core/json.ts';
import type { AdamState } from '../adam.ts';
import { tf } from '../tensorflow/load.ts';

/** All that is needed to export the network, or to train on as if nothing had happened. */
export interface Checkpoint {
  state: CheckpointState;
  golden: Golden;
  optimizer: AdamState;
  /** By folder name: `audio`, `image`, `match`, `classify-NAME`. */
  models: Record<string, tf.LayersModel>;
}

/** Newest checkpoints kept in a run's folder, beside the chosen one: one to fall back to, should the last prove unreadable. */
const keep = 2;

/**
 * Writes `RUN/step-N/`. It is written under another name and renamed when whole, so that a kill at any moment leaves the one before.
 *
 * @returns the folder.
 */
export async function saveCheckpoint(
  runDir: string,
  { state, golden, optimizer, models }: Checkpoint,
): Promise<string> {
  const folder = checkpointFolder(runDir, state.step);
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  for (const [name, model] of Object.entries(models)) await model.save(`file://${join(unfinished, name)}`);
  await writeFile(
    join(unfinished, 'optimizer.bin'),
    Buffer.concat(optimizer.moments.map((moment) => Buffer.from(moment.buffer))),
  );
  await writeFile(join(unfinished, 'golden.json'), JSON.stringify(golden));
  await writeFile(join(unfinished, 'state.json'), `${JSON.stringify(state, null, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  for (const step of (await savedSteps(runDir)).slice(0, -keep)) {
    if (step !== state.chosen?.step) await rm(checkpointFolder(runDir, step), { recursive: true });
  }
  return folder;
}

/** Reads the run's newest checkpoint; null where there is none. */
export async function loadNewestCheckpoint(runDir: string): Promise<Checkpoint | null> {
  const step = (await savedSteps(runDir)).at(-1);
  return step === undefined ? null : loadCheckpoint(checkpointFolder(runDir, step));
}

export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const state = parseJson(checkpointStateSchema, await read('state.json'), join(folder, 'state.json'));
  const bytes = await readFile(join(folder, 'optimizer.bin'));
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const models: Record<string, tf.LayersModel> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory())
      models[entry.name] = await tf.loadLayersModel(`file://${join(folder, entry.name, 'model.json')}`);
  }
  return {
    state,
    golden: JSON.parse(await read('golden.json')),
    optimizer: {
      step: state.step,
      moments: [floats.slice(0, floats.length / 2), floats.slice(floats.length / 2)],
    },
    models,
  };
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
