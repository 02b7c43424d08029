import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Graph } from '#core/bundle/graphs.ts';
import { readFrom } from '#node/files.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { decodeModel } from '../onnx/decode.ts';
import type { ModelProto } from '../onnx/messages.ts';
import { type EngineOptions, runConverter } from './engine.ts';
import { checkpointJobs } from './jobs.ts';

/**
 * The graphs of a bundle by way of Keras and tf2onnx.
 *
 * @param graphs with what they take and give.
 * @returns by the graphs' names.
 */
export async function convertCheckpoint(
  { folder, state }: Checkpoint,
  graphs: Graph[],
  options: EngineOptions,
): Promise<Map<string, ModelProto>> {
  const output = await mkdtemp(join(tmpdir(), 'clapper-tf2onnx-'));
  try {
    await runConverter((places) => checkpointJobs(state, graphs, places), { input: resolve(folder), output }, options);
    const models = new Map<string, ModelProto>();
    for (const { name } of graphs) {
      const file = `${name}.onnx`;
      models.set(name, decodeModel(await readFrom(output)(file), file));
    }
    return models;
  } finally {
    await rm(output, { recursive: true });
  }
}
