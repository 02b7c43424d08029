import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { parseJson } from '#core/json.ts';
import { readWeights, type Weight, weightsManifestSchema } from './weights.ts';

export interface Layer {
  name: string;
  /** Keras' class, for example `Conv2D`. */
  className: string;
  /** Keras' settings of the layer; `layers/` checks the ones it reads. */
  config: Record<string, unknown>;
  /** The layers whose outputs it takes. */
  inputs: string[];
  /** By their own name, for example `kernel`. */
  weights: Record<string, Weight>;
}

/** A saved Keras model: layers by name, and which of them are its inputs and outputs. */
export interface LayersModel {
  /** Every layer after those it takes from. */
  layers: Layer[];
  inputs: string[];
  outputs: string[];
}

const endSchema = z.tuple([z.string(), z.literal(0), z.literal(0)]).rest(z.unknown()); // layer, call, output
const modelJsonSchema = z.object({
  modelTopology: z.object({
    class_name: z.enum(['Model', 'Functional']),
    config: z.object({
      layers: z.array(
        z.object({
          name: z.string(),
          class_name: z.string(),
          config: z.record(z.string(), z.unknown()),
          inbound_nodes: z.array(z.array(endSchema)).max(1, 'a layer used once; shared layers are not supported'),
        }),
      ),
      input_layers: z.array(endSchema),
      output_layers: z.array(endSchema),
    }),
  }),
  weightsManifest: weightsManifestSchema,
});

/**
 * Reads a tfjs layers model: `model.json` and the weight files it names.
 *
 * @param read one file of the model's folder.
 * @param where the folder, for messages.
 * @throws {InputError} for a topology or weights that are not as expected.
 */
export async function readLayersModel(
  read: (file: string) => Promise<Uint8Array>,
  where: string,
): Promise<LayersModel> {
  const json = new TextDecoder().decode(await read('model.json'));
  const { modelTopology, weightsManifest } = parseJson(modelJsonSchema, json, `${where}/model.json`);
  const weights = await readWeights(weightsManifest, { read, where });
  const { layers, input_layers, output_layers } = modelTopology.config;
  return {
    layers: inOrder(
      layers.map(({ name, class_name, config, inbound_nodes }) => ({
        name,
        className: class_name,
        config,
        inputs: (inbound_nodes[0] ?? []).map(([layer]) => layer),
        weights: weightsOf(name, weights),
      })),
      where,
    ),
    inputs: input_layers.map(([layer]) => layer),
    outputs: output_layers.map(([layer]) => layer),
  };
}

function weightsOf(layer: string, weights: Map<string, Weight>): Record<string, Weight> {
  const prefix = `${layer}/`;
  const own = [...weights].filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, weight]) => [name.slice(prefix.length), weight]));
}

function inOrder(layers: Layer[], where: string): Layer[] {
  const ordered = new Map<string, Layer>();
  let waiting = layers;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ inputs }) => inputs.every((input) => ordered.has(input)));
    if (ready.length === 0) {
      const names = waiting.map(({ name }) => name).join(', ');
      throw new InputError(
        `Expected ${where} without loops or missing layers but these wait for one another: ${names}.`,
      );
    }
    for (const layer of ready) ordered.set(layer.name, layer);
    waiting = waiting.filter(({ name }) => !ordered.has(name));
  }
  return [...ordered.values()];
}
