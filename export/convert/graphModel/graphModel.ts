import { z } from 'zod';
import { parseJson } from '#core/json.ts';
import { readStoredWeights, type StoredWeight, type WeightFiles, weightsManifestSchema } from '../keras/weights.ts';
import { type FrozenGraph, graphDefSchema, readGraphDef, signatureSchema } from './graphDef.ts';

/** A frozen TensorFlow graph: operators instead of layers, and the arrays of its constants. */
export interface GraphModel {
  /** The file's JSON but for the weights, as tfjs loads it. */
  artifacts: Record<string, unknown>;
  graph: FrozenGraph;
  /** By the names of the constants. */
  weights: Map<string, StoredWeight>;
}

const modelJsonSchema = z
  .object({
    modelTopology: graphDefSchema.loose(),
    weightsManifest: weightsManifestSchema.nullish(),
    signature: signatureSchema.nullish(),
    userDefinedMetadata: z.object({ signature: signatureSchema.nullish() }).loose().nullish(),
  })
  .loose();

/**
 * Reads a tfjs graph model, as the tensorflowjs converter writes it.
 *
 * @param text of `model.json`.
 * @param path of it, for messages.
 * @throws {InputError} for a graph or weights that are not as expected.
 */
export async function readGraphModel(text: string, path: string, files: WeightFiles): Promise<GraphModel> {
  const { weightsManifest, ...artifacts } = parseJson(modelJsonSchema, text, path);
  const { modelTopology, signature, userDefinedMetadata } = artifacts;
  return {
    artifacts,
    // As tfjs chooses: older converters put the signature among what users may add.
    graph: readGraphDef(modelTopology, userDefinedMetadata?.signature ?? signature ?? {}, path),
    // Bounds may be infinite.
    weights: await readStoredWeights(weightsManifest ?? [], { ...files, isNumber: (value) => !Number.isNaN(value) }),
  };
}
