import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { runnable } from '#node/compile.mjs';
import type { ConstantData, ElementType, Value } from '../onnx/graph.ts';
import type { Attributes, Result } from '../onnx/operators/rule.ts';
import { defineOperator, type OperatorConverter } from './graphModel/operator.ts';
import type { LayerConverter } from './layer.ts';
import type { Nodes } from './nodes.ts';
import { plain, type Tensor } from './tensor.ts';

/**
 * One call of a layer that is not Keras', or one node of a graph model's, as `--custom` hands it to its converter. docs/export.md has an example.
 */
export interface CustomCall {
  /** Of the layer or node in the graph. */
  name: string;
  /** The layer's settings, as `model.json` has them; the node's attributes as plain values. */
  config: Record<string, unknown>;
  /** In the order of the call; axes as TensorFlow has them. */
  inputs: Value[];
  /** The layer's trained arrays by their name, row-major; a node has none. */
  weights: Record<string, { shape: number[]; data: Float32Array }>;
  /**
   * Adds a node. Types and shapes follow from the operator.
   *
   * @param results what it gives, for operators that are not known here.
   * @returns its first result.
   */
  node(
    opType: string,
    inputs: (Value | null)[],
    attributes?: Attributes,
    options?: { results?: Result[]; domain?: string },
  ): Value;
  /** As `node`; every result. */
  nodes(
    opType: string,
    inputs: (Value | null)[],
    attributes?: Attributes,
    options?: { results?: Result[]; domain?: string },
  ): Value[];
  /** Numbers that the file carries. */
  constant(data: ConstantData, shape: number[], type?: ElementType): Value;
}

/** @returns the layer's result, or one for each. */
export type CustomConverter = (call: CustomCall) => Value | Value[];

/**
 * @param flags `NAME=module.ts` each: a class of layer or an operator, and a module whose default export is its {@link CustomConverter}.
 */
export async function loadCustom(flags: string[]): Promise<Map<string, CustomConverter>> {
  const converters = new Map<string, CustomConverter>();
  for (const flag of flags) {
    const [, className, file] = /^([^=]+)=(.+)$/.exec(flag) ?? [];
    if (!className || !file) throw new InputError(`Expected --custom NAME=module.ts but received "${flag}".`);
    if (!existsSync(file))
      throw new InputError(`Expected the module ${file} for --custom ${className} but it does not exist.`, 'not_found');
    const module = await load(pathToFileURL(resolve(file))).catch((cause) => {
      throw new InputError(
        `Expected a module in ${file} but it cannot be loaded: ${cause.message}`,
        'invalid_request',
        { cause },
      );
    });
    if (typeof module.default !== 'function') {
      throw new InputError(
        `Expected ${file} to export a function by default but it exports ${Object.keys(module).join(', ') || 'nothing'}.`,
      );
    }
    converters.set(className, module.default as CustomConverter);
  }
  return converters;
}

async function load(module: URL): Promise<{ default?: unknown }> {
  return import(module.pathname.endsWith('.ts') ? await runnable(module) : module.href);
}

/** As the converter of a class of layers. */
export function layerConverter(convert: CustomConverter): LayerConverter {
  return {
    masking: 'stops',
    anyType: true,
    problem: () => null,
    convert: ({ name, layer, inputs, nodes, weights }) => {
      const arrays = Object.fromEntries(
        Object.entries(weights.all()).map(([part, { shape, data }]) => [part, { shape, data }]),
      );
      return converted(convert, { name, config: layer.config, inputs, weights: arrays }, nodes);
    },
  };
}

/** As the converter of one of TensorFlow's operators. */
export function operatorConverter(convert: CustomConverter): OperatorConverter {
  return defineOperator({
    attributes: z.record(z.string(), z.unknown()),
    convert: ({ inputs, nodes, attributes }) =>
      converted(convert, { name: nodes.name, config: attributes, inputs, weights: {} }, nodes),
  });
}

function converted(
  convert: CustomConverter,
  call: Pick<CustomCall, 'name' | 'config' | 'weights'> & { inputs: Tensor[] },
  nodes: Nodes,
): Tensor[] {
  const add: CustomCall['nodes'] = (opType, given, attributes = {}, { results, domain } = {}) =>
    nodes.ops(opType, given, attributes, opType, results, domain);
  let constants = 0;
  const made = convert({
    ...call,
    inputs: call.inputs.map((input) => nodes.plain(input)),
    node: (...of) => add(...of)[0] as Value,
    nodes: add,
    constant: (data, shape, type) => nodes.constant(`constant_${constants++}`, data, shape, type),
  });
  return [made].flat().map(plain);
}
