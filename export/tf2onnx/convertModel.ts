import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { weightsManifestSchema } from '../convert/keras/weights.ts';
import { sourceAt } from '../convert/source.ts';
import { decodeModel } from '../onnx/decode.ts';
import { expectFileName, writeOnnx } from '../onnx/write.ts';
import { type EngineOptions, runConverter } from './engine.ts';

/**
 * One layers model → one ONNX file by way of Keras and tf2onnx.
 *
 * @param model path or address of `model.json`.
 * @throws {InputError} with what Keras or tf2onnx said.
 */
export async function convertModel(
  model: string,
  out: string,
  options: EngineOptions,
): Promise<{ bytes: number; nodes: number }> {
  expectFileName(out);
  const folder = await mkdtemp(join(tmpdir(), 'clapper-tf2onnx-'));
  const [input, output] = [join(folder, 'in'), join(folder, 'out')];
  try {
    await mkdir(output);
    await copyModel(model, input);
    const job = { name: 'model', model: 'model.json', out: 'model.onnx' };
    await runConverter(
      (places) => [{ ...job, model: join(places.input, job.model), out: join(places.output, job.out) }],
      { input, output },
      options,
    );
    const content = await readFile(join(output, job.out));
    await writeOnnx(out, content);
    return { bytes: content.length, nodes: decodeModel(content, out).graph.node.length };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The model's files alone, wherever they lie: a program in a container sees no others. */
async function copyModel(model: string, folder: string): Promise<void> {
  const { where, file, read } = sourceAt(model);
  const json = await read(file);
  const schema = z.object({ format: z.string().nullish(), weightsManifest: weightsManifestSchema });
  const { format, weightsManifest } = parseJson(schema, new TextDecoder().decode(json), `${where}/${file}`);
  if (format === 'graph-model')
    throw new InputError(
      `Expected a layers model in ${where}/${file} for --route tf2onnx but it is a graph model. Leave --route out: ours converts both.`,
    );
  const paths = weightsManifest.flatMap((group) => group.paths);
  const contents = await Promise.all(paths.map(read));
  for (const [path, content] of [
    ['model.json', json] as const,
    ...paths.map((path, i) => [path, contents[i]] as const),
  ]) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content as Uint8Array);
  }
}
