import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from '#core/bundle/graphs.ts';
import { InputError } from '#core/errors.ts';
import { makeAtomically, removeUnfinished } from '#node/atomic.ts';
import { readListed, readManifest } from '#node/bundle/readManifest.ts';
import { type TritonModel, type TritonOptions, tritonModels } from './config.ts';
import { pbtxt } from './pbtxt.ts';

export interface RepositoryOptions extends TritonOptions {
  bundle: string;
  variant: Variant;
  /** Triton's model repository: others' models in it stay. */
  out: string;
}

/**
 * Puts a bundle's models into a model repository of Triton Inference Server, each whole or not at all.
 *
 * @returns the names of the models.
 * @throws {InputError} for a folder that is not a bundle, a file of it that is not what the manifest says, a variant that it lacks, or something else of a model's name in the repository.
 */
export async function writeRepository({ bundle, variant, out, ...options }: RepositoryOptions): Promise<string[]> {
  const manifest = await readManifest(bundle);
  const content = manifest.variants[variant];
  if (!content) {
    const others = Object.keys(manifest.variants).join(', ');
    throw new InputError(`Bundle "${manifest.name}" has no ${variant} variant; it has ${others}.`, 'not_found');
  }
  const models = tritonModels(manifest, options);
  const same = models.find(({ name }, i) => models.findIndex((one) => one.name === name) !== i);
  if (same) {
    throw new InputError(
      `Expected classifiers whose names differ in more than "-" and "_" but two of "${manifest.name}" would be ${same.name}. Rename one where it is trained.`,
    );
  }
  const contents = new Map<string, Uint8Array>();
  for (const [graph, file] of Object.entries(content.files)) contents.set(graph, await readListed(bundle, file));
  await mkdir(out, { recursive: true });
  for (const { name } of models) {
    await assertReplaceable(join(out, name));
    await removeUnfinished(out, name); // Triton would take it for a model, and not start
  }
  for (const model of models) {
    const place = join(out, model.name);
    await makeAtomically(place, async (unfinished) => {
      await writeModel(unfinished, model, contents);
      await rm(place, { recursive: true, force: true });
    });
  }
  return models.map(({ name }) => name);
}

async function writeModel(
  folder: string,
  { config, graph, labels }: TritonModel,
  contents: Map<string, Uint8Array>,
): Promise<void> {
  const version = join(folder, '1');
  await mkdir(version, { recursive: true });
  await writeFile(join(folder, 'config.pbtxt'), pbtxt(config));
  if (labels) await writeFile(join(folder, 'labels.txt'), `${labels.join('\n')}\n`);
  if (graph) await writeFile(join(version, 'model.onnx'), contents.get(graph) as Uint8Array);
  else await writeFile(join(version, '.keep'), ''); // Triton wants the folder, and many tools drop empty ones
}

async function assertReplaceable(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => null);
  if (!entries || entries.length === 0 || entries.includes('config.pbtxt')) return;
  throw new InputError(
    `Expected a model of Triton or nothing at ${folder} but it holds ${entries.slice(0, 5).join(', ')}, which would be lost. ` +
      'Choose another --out or move it away.',
  );
}
