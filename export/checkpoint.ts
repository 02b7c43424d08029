import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Golden, parseGolden } from '#core/bundle/golden/file.ts';
import type { Classifier } from '#core/bundle/graphs.ts';
import { type CheckpointState, checkpointStateSchema } from '#core/checkpoint.ts';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { readFrom } from '#node/files.ts';
import { type LayersModel, readLayersModel } from './convert/keras/layersModel.ts';

export interface Checkpoint {
  /** Of the step. */
  folder: string;
  state: CheckpointState;
  golden: Golden;
  /** null: not among the checkpoint's parts. */
  models: {
    audio: LayersModel | null;
    image: LayersModel | null;
    match: LayersModel | null;
    classifiers: (Classifier & { model: LayersModel })[];
  };
}

/**
 * @param path `runs/NAME/step-N`, or `runs/NAME` for its newest step.
 * @throws {InputError} where there is no checkpoint or it is not as expected.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const folder = await findStep(path);
  const text = async (file: string) => new TextDecoder().decode(await readFrom(folder)(file));
  const model = (name: string) => readLayersModel(readFrom(join(folder, name)), join(folder, name));
  const state = parseJson(checkpointStateSchema, await text('state.json'), join(folder, 'state.json'));
  const part = async (name: 'audio' | 'image' | 'match') => (state.parts.includes(name) ? model(name) : null);
  const classifiers: Checkpoint['models']['classifiers'] = [];
  for (const classifier of state.classifiers) {
    classifiers.push({ ...classifier, model: await model(`classify-${classifier.name}`) });
  }
  return {
    folder,
    state,
    golden: parseGolden(await text('golden.json'), join(folder, 'golden.json')),
    models: { audio: await part('audio'), image: await part('image'), match: await part('match'), classifiers },
  };
}

async function findStep(path: string): Promise<string> {
  if (await holdsState(path)) return path;
  const entries = await readdir(path).catch(() => []);
  const steps = entries.flatMap((entry) => /^step-(\d+)$/.exec(entry)?.[1] ?? []).map(Number);
  for (const step of steps.sort((a, b) => b - a)) {
    const folder = join(path, `step-${step}`);
    if (await holdsState(folder)) return folder;
  }
  throw new InputError(
    `Expected a checkpoint (runs/NAME or runs/NAME/step-N) but ${path} has none. Train one: npx clapper train --help.`,
    'not_found',
  );
}

async function holdsState(folder: string): Promise<boolean> {
  return access(join(folder, 'state.json')).then(
    () => true,
    () => false,
  );
}
