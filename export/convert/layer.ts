import type { z } from 'zod';
import type { Dimension, Value } from '../onnx/value.ts';
import type { Layer } from './keras/network.ts';
import { LayerProblem } from './keras/problem.ts';
import type { Half } from './keras/weightNames.ts';
import type { Weight } from './keras/weights.ts';
import type { Nodes } from './nodes.ts';
import { schemaProblem } from './schemaProblem.ts';
import { inOrder, plain, rankOf, shapeOf, type Tensor } from './tensor.ts';

/** Which steps of a sequence count, `[B, T]` bool. `unusable`: tfjs itself fails where a layer reads it. */
export type Mask = Value | 'unusable' | null;

/** One call of a layer, about to become nodes. */
export interface LayerCall<Config> {
  /** As the graph names it. */
  name: string;
  layer: Layer;
  config: Config;
  /** The first of `inputs`. */
  input: Tensor;
  inputs: Tensor[];
  /** The mask that tfjs hands to the layer; not always its input's. */
  mask: Mask;
  nodes: Nodes;
  weights: LayerWeights;
  /** Converts a layer inside this one. */
  convertInner(layer: Layer, inputs: Tensor[], options?: { mask?: Mask }): Tensor[];
  /** Tells people of what differs between tfjs and Keras, or cannot be done. */
  warn(message: string): void;
}

/** A layer's trained arrays. */
export interface LayerWeights {
  /** @throws {InputError} where the file lacks it or it has another shape. */
  get(name: string, shape: number[]): Weight;
  has(name: string): boolean;
  /**
   * A trained array as a constant of the graph, made once however often the layer is called.
   *
   * @param part what is made of the weights, for the name.
   */
  constant(part: string, make: () => { data: Float32Array; shape: number[] }): Value;
  /** The weights of one half of the layer, or of one cell of a stack. */
  of(part: { half?: Half; cell?: number }): LayerWeights;
  all(): Record<string, Weight>;
}

/** How the mask of a layer's inputs goes on: not at all, as it is, or changed. */
export type Masking = 'stops' | 'passes' | ((call: MaskCall) => Mask);

export interface MaskCall {
  config: Record<string, unknown>;
  inputs: Tensor[];
  /** Of each input. */
  masks: Mask[];
  nodes: Nodes;
}

export interface LayerConverter {
  masking: Masking;
  /** Whole numbers and truth values come in as they are; else as float32. */
  anyType?: boolean;
  /** @returns why the layer cannot be converted as it is set, or null. */
  problem(layer: Layer): string | null;
  convert(call: LayerCall<unknown>): Tensor | Tensor[];
}

/**
 * Says how a Keras class becomes ONNX nodes.
 *
 * @param config the settings that change the result, with the defaults that tfjs has; others are not looked at.
 */
export function defineLayer<Config>({
  config: schema,
  masking = 'stops',
  anyType = false,
  convert,
}: {
  config: z.ZodType<Config>;
  masking?: Masking;
  anyType?: boolean;
  convert: (call: LayerCall<Config>) => Tensor | Tensor[];
}): LayerConverter {
  return {
    masking,
    anyType,
    problem: ({ config }) => schemaProblem(schema, config),
    convert: (call) => convert({ ...call, config: schema.parse(call.layer.config) }),
  };
}

/** The tensor as Keras has it, however it stands. */
export function asPlain(nodes: Nodes, tensor: Tensor): Tensor {
  return plain(nodes.plain(tensor));
}

/**
 * @returns the input. Where tfjs has dropped sizes of 1 that the layer cannot do without, and so fails itself, they are there again.
 * @throws {LayerProblem} where the number of dimensions is another.
 */
export function expectRank({ name, layer, nodes, input }: LayerCall<unknown>, rank: number): Tensor {
  if (rankOf(input) === rank) return input;
  if (input.kept?.order.length === rank) {
    const axes = Array.from({ length: rank - 2 }, (_, i) => i + 2);
    return inOrder(nodes.op('Unsqueeze', [input.value, nodes.integers(...axes)], {}, 'kept'), input.kept.order);
  }
  throw new LayerProblem(
    name,
    `a ${layer.className} takes ${rank} dimensions but its input has [${shapeOf(input).join(', ')}]`,
  );
}

/** @throws {LayerProblem} for a size that only a run knows. */
export function knownSize(size: Dimension | undefined, what: string, call: LayerCall<unknown>): number {
  if (typeof size === 'number') return size;
  throw new LayerProblem(
    call.name,
    `${call.layer.className} needs to know ${what}, which the model leaves to each run`,
  );
}
