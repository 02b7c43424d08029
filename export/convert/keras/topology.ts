import { InputError } from '#core/errors.ts';
import { parseFunctional } from './functional.ts';
import { type LayerJson, networkClasses, parseLayer } from './layer.ts';
import { snakeCaseKeys } from './names.ts';
import type { Layer, Network } from './network.ts';
import { parseSequential } from './sequential.ts';

/** Layers in layers (models, wrappers): real ones hold a handful. */
const deepestNesting = 64;
/** A layer called twice by a model that is called twice stands in the graph four times. */
const mostCalls = 100_000;

/**
 * Reads a Keras topology as tfjs saves it or the tensorflowjs converter writes it: Keras 2 and 3, `Sequential` or functional, with
 * models as layers.
 *
 * @param where the file, for messages.
 * @throws {InputError} for what is no topology, a cycle, or layers nested without end.
 */
export function parseTopology(topology: unknown, where: string): Network {
  refuseDeep(topology, where);
  const { model_config = topology } = snakeCaseKeys(topology as Record<string, unknown>);
  const model = parseLayer(typeof model_config === 'string' ? JSON.parse(model_config) : model_config, where);
  if (!networkClasses.includes(model.class_name)) {
    throw new InputError(
      `Expected a model of the class ${networkClasses.join(' or ')} in ${where} but it is a ${model.class_name}.`,
    );
  }
  const network = parseNetwork(model, where, 0);
  const calls = countCalls(network, new Map());
  if (calls > mostCalls) {
    throw new InputError(
      `Expected at most ${mostCalls} layers, each counted as often as it is called, but ${where} has ${calls}: models call one another again and again.`,
    );
  }
  return network;
}

export function parseNetwork(model: LayerJson, where: string, depth: number): Network {
  if (depth > deepestNesting) {
    throw new InputError(`Expected layers nested at most ${deepestNesting} deep in ${where} but they are deeper.`);
  }
  const read = (value: unknown): { json: LayerJson; layer: Layer } => {
    const json = parseLayer(value, where);
    return { json, layer: makeLayer(json, where, depth + 1) };
  };
  if (model.class_name === 'Sequential') return parseSequential(model, read, where);
  return parseFunctional(model, read, where);
}

function makeLayer(json: LayerJson, where: string, depth: number): Layer {
  const className = json.class_name;
  const config = Array.isArray(json.config) ? {} : snakeCaseKeys(json.config);
  const name = json.name ?? (typeof config.name === 'string' ? config.name : className.toLowerCase());
  const layer: Layer = { name, className, config };
  if (networkClasses.includes(className)) layer.network = parseNetwork(json, where, depth);
  // Bidirectional, TimeDistributed; other classes may call a setting "layer" as well
  else if (isLayer(config.layer)) {
    if (depth > deepestNesting) {
      throw new InputError(`Expected layers nested at most ${deepestNesting} deep in ${where} but they are deeper.`);
    }
    layer.inner = makeLayer(parseLayer(config.layer, where), where, depth + 1);
  }
  return layer;
}

function isLayer(value: unknown): boolean {
  return value !== null && typeof value === 'object' && ('class_name' in value || 'className' in value);
}

/** With a list of its own instead of calls in calls: a file may nest 10,000 deep. */
function refuseDeep(topology: unknown, where: string): void {
  const deepest = 16 * deepestNesting; // a layer in a layer lies some 5 brackets deeper
  let level: object[] = [topology].filter(isObject);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) {
      throw new InputError(
        `Expected layers nested at most ${deepestNesting} deep in ${where} but its JSON has more than ${deepest} brackets in one another.`,
      );
    }
    level = level.flatMap((value) => Object.values(value).filter(isObject));
  }
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

function countCalls(network: Network, known: Map<Network, number>): number {
  const counted = known.get(network);
  if (counted !== undefined) return counted;
  const ofLayer = ({ network: own, inner }: Layer): number => {
    if (own) return countCalls(own, known);
    return inner ? ofLayer(inner) : 1;
  };
  const count = network.calls.reduce((sum, { layer }) => sum + ofLayer(layer), 0);
  known.set(network, count);
  return count;
}
