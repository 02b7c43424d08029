import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Golden } from '#core/bundle/golden/file.ts';
import { type CheckpointState, checkpointStateSchema, savedModelSchema } from '#core/checkpoint.ts';
import { InputError } from '#core/errors.ts';
import { fileNameSchema } from '#core/fileName.ts';
import { parseJson } from '#core/json.ts';
import { placeInside, readFrom } from '#node/files.ts';
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

/** As it is before its files are. */
export type UnsavedCheckpoint = Omit<Checkpoint, 'state'> & { state: Omit<CheckpointState, 'files'> };

/**
 * Writes the files of a checkpoint into a new folder.
 *
 * @throws {InputError} for a model whose name leads out of it, before anything is written.
 */
export async function writeCheckpoint(
  folder: string,
  { state, golden, optimizer, models }: UnsavedCheckpoint,
): Promise<void> {
  for (const name of Object.keys(models)) {
    if (fileNameSchema.safeParse(name).success) continue;
    throw new InputError(
      `Expected the name of a folder in ${folder} for a model but received ${JSON.stringify(name)}.`,
    );
  }
  await mkdir(folder, { recursive: true });
  for (const [name, model] of Object.entries(models)) await model.save(`file://${join(folder, name)}`);
  await writeFile(
    join(folder, 'optimizer.bin'),
    Buffer.concat(optimizer.moments.map((moment) => Buffer.from(moment.buffer))),
  );
  await writeFile(join(folder, 'golden.json'), JSON.stringify(golden));
  const whole: CheckpointState = { ...state, files: await fileSizes(folder) };
  await writeFile(join(folder, 'state.json'), `${JSON.stringify(whole, null, 2)}\n`);
}

/** @throws {InputError} for a file that is missing, cut short or no JSON. */
export async function loadCheckpoint(folder: string): Promise<Checkpoint> {
  const state = await readState(folder);
  const sizes = await fileSizes(folder);
  for (const [file, bytes] of Object.entries(state.files)) {
    const found = sizes[file];
    if (found === bytes) continue;
    throw new InputError(
      `Expected ${join(folder, file)} of ${bytes} bytes but ${found === undefined ? 'it is missing' : `it has ${found}`}.`,
      'unreadable_media',
    );
  }
  const read = readFrom(folder);
  const bytes = await read('optimizer.bin');
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const models: Record<string, tf.LayersModel> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    await expectInside(join(folder, entry.name));
    models[entry.name] = await tf.loadLayersModel(`file://${join(folder, entry.name, 'model.json')}`);
  }
  return {
    state,
    golden: JSON.parse(new TextDecoder().decode(await read('golden.json'))),
    optimizer: {
      step: state.step,
      moments: [floats.slice(0, floats.length / 2), floats.slice(floats.length / 2)],
    },
    models,
  };
}

export async function readState(folder: string): Promise<CheckpointState> {
  const file = join(folder, 'state.json');
  return parseJson(checkpointStateSchema, await readFile(file, 'utf8'), file);
}

/** TensorFlow.js reads whatever weight files a model names. @throws {InputError} for one outside the model's folder. */
async function expectInside(folder: string): Promise<void> {
  const json = new TextDecoder().decode(await readFrom(folder)('model.json'));
  const { weightsManifest } = parseJson(savedModelSchema, json, join(folder, 'model.json'));
  for (const path of weightsManifest.flatMap(({ paths }) => paths)) await placeInside(folder, path);
}

/** By path in the folder. */
async function fileSizes(folder: string): Promise<Record<string, number>> {
  const paths = await readdir(folder, { recursive: true });
  const stats = await Promise.all(paths.map(async (path) => [path, await stat(join(folder, path))] as const));
  const files = stats.filter(([, file]) => file.isFile());
  return Object.fromEntries(files.map(([path, file]) => [path.replaceAll('\\', '/'), file.size] as const).sort());
}
