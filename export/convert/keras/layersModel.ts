import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import type { Network } from './network.ts';
import { parseTopology } from './topology.ts';
import { readWeights, type Weight, weightsManifestSchema } from './weights.ts';

/** A saved Keras model: its layers and calls, and the trained arrays by the names that the file gives them. */
export interface LayersModel {
  /** As the file has it. */
  topology: Record<string, unknown>;
  network: Network;
  weights: Map<string, Weight>;
}

const modelJsonSchema = z.object({
  format: z.string().nullish(),
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: weightsManifestSchema.nullish(),
});

/**
 * Reads a tfjs layers model: `model.json` and the weight files it names.
 *
 * @param read one file of the model's folder.
 * @param file the name of its JSON.
 * @param where the folder, for messages.
 * @throws {InputError} for a topology or weights that are not as expected.
 */
export async function readLayersModel(
  read: (file: string) => Promise<Uint8Array>,
  where: string,
  file = 'model.json',
): Promise<LayersModel> {
  const path = `${where}/${file}`;
  const { format, modelTopology, weightsManifest } = parseJson(
    modelJsonSchema,
    new TextDecoder().decode(await read(file)),
    path,
  );
  if (format === 'graph-model' || 'node' in modelTopology) {
    throw new InputError(
      `Expected a tfjs layers model in ${path} but it is a graph model: frozen TensorFlow operators instead of Keras layers. ` +
        'Only layers models are converted.',
    );
  }
  return {
    topology: modelTopology,
    network: parseTopology(modelTopology, path),
    weights: await readWeights(weightsManifest ?? [], { read, where }),
  };
}
