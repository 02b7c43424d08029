import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { makeAtomically } from '#node/atomic.ts';
import { decodeModel } from '../onnx/decode.ts';
import { type EngineOptions, runConverter } from './engine.ts';

/**
 * One layers model → one ONNX file by way of Keras and tf2onnx.
 *
 * @param model path of `model.json`.
 * @throws {InputError} with what Keras or tf2onnx said.
 */
export async function convertModel(
  model: string,
  out: string,
  options: EngineOptions,
): Promise<{ bytes: number; nodes: number }> {
  const output = await mkdtemp(join(tmpdir(), 'clapper-tf2onnx-'));
  try {
    const folders = { input: dirname(resolve(model)), output };
    await runConverter(
      ({ input, output }) => [{ name: 'model', model: join(input, basename(model)), out: join(output, 'model.onnx') }],
      folders,
      options,
    );
    const file = join(output, 'model.onnx');
    await makeAtomically(out, (unfinished) => copyFile(file, unfinished));
    const content = await readFile(out);
    return { bytes: content.length, nodes: decodeModel(content, out).graph.node.length };
  } finally {
    await rm(output, { recursive: true });
  }
}
