import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import type { Layer } from '../keras/layersModel.ts';
import type { Weight } from '../keras/weights.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';

/**
 * One layer about to become nodes. Where Keras has pixels as `[B, H, W, C]`, the values here are `[B, C, H, W]`,
 * ONNX's order; `[B, D]` is the same in both.
 */
export interface LayerCall<Config> {
  graph: GraphBuilder;
  /** Of the node that gives the layer's result; further nodes are named below it. */
  name: string;
  config: Config;
  /** The first of `inputs`. */
  input: Value;
  inputs: Value[];
  /** @throws {InputError} where the layer lacks it or it has another shape. */
  weight(name: string, shape: number[]): Weight;
}

export type LayerConverter = (layer: Layer, place: { graph: GraphBuilder; name: string; inputs: Value[] }) => Value;

/**
 * Says how a Keras class becomes ONNX nodes.
 *
 * @param configSchema the settings that change the result; others are not looked at.
 */
export function defineLayer<Config>(
  configSchema: z.ZodType<Config>,
  convert: (call: LayerCall<Config>) => Value,
): LayerConverter {
  return (layer, { graph, name, inputs }) => {
    const config = parseConfig(configSchema, layer);
    const [input] = inputs;
    if (!input) throw new InputError(`Layer "${layer.name}" (${layer.className}) takes no input.`);
    return convert({ graph, name, config, input, inputs, weight: (weight, shape) => weightOf(layer, weight, shape) });
  };
}

/** @throws {InputError} naming the settings that are not supported. */
export function parseConfig<Config>(schema: z.ZodType<Config>, { name, className, config }: Layer): Config {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  throw new InputError(
    `Layer "${name}" (${className}) cannot be exported as it is set:\n${z.prettifyError(result.error)}`,
  );
}

/** @throws {InputError} where the layer lacks the weight or it has another shape. */
export function weightOf({ name, className, weights }: Layer, weight: string, shape: number[]): Weight {
  const found = weights[weight];
  if (found?.shape.join() === shape.join()) return found;
  const what = found
    ? `it is [${found.shape.join(', ')}]`
    : `the layer has ${Object.keys(weights).join(', ') || 'none'}`;
  throw new InputError(`Expected the weight "${name}/${weight}" (${className}) [${shape.join(', ')}] but ${what}.`);
}

/** @throws {InputError} where the value is not `[B, C, H, W]`. */
export function imageShape({ name, shape }: Value): { channels: number; height: number; width: number } {
  const [, channels, height, width] = shape;
  if (shape.length === 4) return { channels: channels as number, height: height as number, width: width as number };
  throw new InputError(`Expected "${name}" with height, width and channels but it has [${shape.join(', ')}].`);
}

/** @throws {InputError} where the value is not `[B, D]`. */
export function vectorSize({ name, shape }: Value): number {
  if (shape.length === 2) return shape[1] as number;
  throw new InputError(
    `Expected "${name}" as one row of numbers an input but it has [${shape.join(', ')}]. Flatten it first.`,
  );
}
