import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { executionOrder } from './executionOrder.ts';
import { batchShape, dtypeOf, type LayerJson } from './layer.ts';
import { isMadeByLayers } from './madeMasks.ts';
import { snakeCaseKeys } from './names.ts';
import { type Call, isInput, type Layer, type Network, type Reference } from './network.ts';

/** A tensor as the file writes it: of which layer, which of its calls, which of the call's results. */
const tensorSchema = z
  .tuple([z.string(), z.number().int().nonnegative(), z.number().int().nonnegative()])
  .rest(z.unknown());
type Tensor = z.infer<typeof tensorSchema>;

const modelSchema = z.object({
  name: z.string().nullish(),
  layers: z.array(z.unknown()).min(1),
  input_layers: z.unknown(),
  output_layers: z.unknown(),
});

/** A functional model: layers by name, and the tensors that each of their calls takes. */
export function parseFunctional(
  model: LayerJson,
  read: (value: unknown) => { json: LayerJson; layer: Layer },
  where: string,
): Network {
  const result = modelSchema.safeParse(Array.isArray(model.config) ? model.config : snakeCaseKeys(model.config));
  if (!result.success)
    throw new InputError(`The model in ${where} is not as expected:\n${z.prettifyError(result.error)}`);
  const { layers: written, input_layers, output_layers } = result.data;
  const name = result.data.name ?? model.name ?? 'model';

  const entries = new Map<string, { layer: Layer; calls: Call[]; tensors: Tensor[][]; sources: string[][] }>();
  const named: { call: Call; name: string; source: string }[] = [];
  for (const one of written) {
    const { json, layer } = read(one);
    if (entries.has(layer.name))
      throw new InputError(`Expected layers of different names in ${where} but "${layer.name}" is there twice.`);
    const called = (json.inbound_nodes ?? [])
      .map((node) => tensorsOf(node, `the calls of "${layer.name}" in ${where}`, layer.network))
      .filter(({ taken }) => taken.length > 0);
    const calls = called.map(({ byName }, index) => {
      const call: Call = { layer, index, inputs: [] };
      named.push(...byName.map(({ name, source }) => ({ call, name, source })));
      return call;
    });
    const tensors = called.map(({ taken }) => taken);
    entries.set(layer.name, { layer, calls, tensors, sources: tensors.map((list) => list.map(([source]) => source)) });
  }
  for (const { call, name, source } of named) {
    if (name !== 'mask' || !isMadeByLayers(source, entries)) call.unread = name;
  }
  const inputTensors = tensorList(input_layers, `the inputs of ${where}`);
  const inputNumbers = new Map(inputTensors.map(([layer], i) => [layer, i]));
  const outputTensors = tensorList(output_layers, `the outputs of ${where}`);
  if (outputTensors.length === 0) throw new InputError(`Expected ${where} to have outputs but it has none.`);
  const firstCall = firstCallNumbers(entries, [
    ...outputTensors,
    ...[...entries.values()].flatMap(({ tensors }) => tensors.flat()),
  ]);

  const refer = ([layer, node, result]: Tensor, reader: string): Reference => {
    const number = inputNumbers.get(layer);
    if (number !== undefined) return { input: number };
    const entry = entries.get(layer);
    if (!entry) throw new InputError(`${reader} takes the result of "${layer}" but ${where} has no such layer.`);
    if (entry.layer.className === 'InputLayer') {
      throw new InputError(`${reader} takes "${layer}" but ${where} does not list it among its inputs.`);
    }
    const call = entry.calls[node - (firstCall.get(layer) ?? 0)];
    if (!call)
      throw new InputError(`${reader} takes the result of call ${node} of "${layer}" but ${where} has no such call.`);
    return { call, result };
  };
  for (const { layer, calls, tensors } of entries.values()) {
    calls.forEach((call, i) => {
      call.inputs = (tensors[i] as Tensor[]).map((tensor) => refer(tensor, `Layer "${layer.name}"`));
    });
  }
  const outputs = outputTensors.map((tensor) => ({ of: refer(tensor, 'An output'), name: tensor[0] }));
  return {
    name,
    inputs: inputTensors.map(([layer]) => {
      const entry = entries.get(layer);
      if (!entry) throw new InputError(`Expected ${where} to have the layer "${layer}", its input, but it has not.`);
      const { config } = entry.layer;
      return { name: layer, shape: batchShape(config, `the input "${layer}" of ${where}`), dtype: dtypeOf(config) };
    }),
    calls: executionOrder(
      outputs.map(({ of }) => of).filter((of) => !isInput(of)),
      where,
    ),
    outputs,
  };
}

/**
 * A model used as a layer has a call of its own before those that this file lists: the one that made it. Keras counts it for functional
 * models; Keras 3 does not for `Sequential`.
 */
function firstCallNumbers(entries: Map<string, { layer: Layer }>, tensors: Tensor[]): Map<string, number> {
  const smallest = new Map<string, number>();
  for (const [layer, node] of tensors) {
    if (entries.get(layer)?.layer.network) smallest.set(layer, Math.min(node, smallest.get(layer) ?? node));
  }
  return new Map([...smallest].map(([layer, node]) => [layer, node === 0 ? 0 : 1]));
}

interface CallTensors {
  taken: Tensor[];
  /** What the call is given by name beside those, and of which layer it is. */
  byName: { name: string; source: string }[];
}

/** One call of a layer: Keras 2's `[["conv", 0, 0, {}], …]`, or Keras 3's `{args, kwargs}`. */
function tensorsOf(node: unknown, where: string, network: Network | undefined): CallTensors {
  if (node && typeof node === 'object' && !Array.isArray(node)) {
    const { args = [], kwargs = {} } = node as { args?: unknown; kwargs?: Record<string, unknown> };
    const { inputs, sequences, initial_state, ...others } = kwargs;
    return {
      taken: [args, inputs, sequences, initial_state].flatMap((value) => kerasTensors(value, network)),
      byName: Object.entries(others).flatMap(([name, value]) =>
        kerasTensors(value, network).map(([source]) => ({ name, source })),
      ),
    };
  }
  const list = tensorList(node, where);
  const states = list.flatMap(([, , , kwargs]) => {
    const state = (kwargs as { initial_state?: unknown } | null | undefined)?.initial_state;
    return Array.isArray(state) ? tensorList(state, where) : [];
  });
  return { taken: [...list, ...states], byName: [] }; // tfjs heeds no other
}

/**
 * Keras 3's tensors wherever they stand in a call's arguments, in their order; those given to a model by name in the order of its inputs.
 */
function kerasTensors(value: unknown, network?: Network): Tensor[] {
  if (Array.isArray(value)) return value.flatMap((one) => kerasTensors(one, network));
  if (!value || typeof value !== 'object') return [];
  const { class_name, config, items } = value as {
    class_name?: unknown;
    config?: { keras_history?: unknown };
    items?: unknown;
  };
  if (class_name === '__tuple__') return kerasTensors(items, network);
  if (class_name === undefined) {
    const names = network?.inputs.map(({ name }) => name) ?? [];
    const byName = inOrderOfNames(value);
    const known = names.length > 0 && byName.every(([name]) => names.includes(name));
    const given = known ? byName.sort(([a], [b]) => names.indexOf(a) - names.indexOf(b)) : byName;
    return given.flatMap(([, one]) => kerasTensors(one, network));
  }
  if (class_name !== '__keras_tensor__') return [];
  return [tensorSchema.parse(config?.keras_history)];
}

/** `["conv", 0, 0]`, a list of such, or an object of such by name. */
function tensorList(value: unknown, where: string): Tensor[] {
  const single = tensorSchema.safeParse(value);
  if (single.success) return [single.data];
  const values = Array.isArray(value)
    ? value
    : value && typeof value === 'object'
      ? inOrderOfNames(value).map(([, one]) => one)
      : null;
  if (!values)
    throw new InputError(`Expected ${where} as lists of layer, call and result but received ${JSON.stringify(value)}.`);
  return values.flatMap((one) => tensorList(one, where));
}

/** Keras counts what an object holds in the order of its names. */
function inOrderOfNames(value: object): [name: string, value: unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
