import { InputError } from '#core/errors.ts';
import { batchShape, dtypeOf, type LayerJson } from './layer.ts';
import { snakeCaseKeys } from './names.ts';
import type { Call, Layer, Network, NetworkInput, Reference } from './network.ts';

/** `Sequential`: a list of layers, each of which takes the result of the one before. */
export function parseSequential(model: LayerJson, read: (value: unknown) => { layer: Layer }, where: string): Network {
  const config = Array.isArray(model.config) ? { layers: model.config } : snakeCaseKeys(model.config);
  const { name = model.name ?? 'sequential', layers: written } = config as { name?: string; layers?: unknown };
  if (!Array.isArray(written) || written.length === 0) {
    throw new InputError(`Expected layers in the Sequential model "${name}" of ${where} but it has none.`);
  }
  const layers = written.map((one) => read(one).layer);
  const [first] = layers as [Layer];
  const hasInputLayer = first.className === 'InputLayer';
  const input = inputOf(first, { hasInputLayer, built: config.build_input_shape, where });
  const calls: Call[] = [];
  let last: Reference = { input: 0 };
  const counts = new Map<string, number>();
  for (const layer of hasInputLayer ? layers.slice(1) : layers) {
    const index = counts.get(layer.name) ?? 0;
    counts.set(layer.name, index + 1);
    const call: Call = { layer, index, inputs: [last] };
    calls.push(call);
    last = { call, result: 0 };
  }
  return { name, inputs: [input], calls, outputs: [{ of: last, name: layers.at(-1)?.name as string }] };
}

function inputOf(
  first: Layer,
  { hasInputLayer, built, where }: { hasInputLayer: boolean; built: unknown; where: string },
): NetworkInput {
  const nested = first.network?.inputs[0];
  if (nested) return nested;
  const { config } = first;
  const shape =
    batchShape(config, `the layer "${first.name}" of ${where}`) ??
    (first.className === 'Embedding' ? [null, ...lengths(config.input_length)] : undefined) ??
    (typeof config.input_dim === 'number' ? [null, config.input_dim] : undefined) ??
    batchShape({ batch_shape: built }, `the input of ${where}`);
  const dtype = first.className === 'InputLayer' || first.className !== 'Embedding' ? dtypeOf(config) : 'float32';
  return { name: hasInputLayer ? first.name : `${first.name}_input`, shape, dtype };
}

function lengths(inputLength: unknown): (number | null)[] {
  if (Array.isArray(inputLength)) return inputLength;
  return [typeof inputLength === 'number' ? inputLength : null];
}
