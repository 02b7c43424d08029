import { InputError } from '#core/errors.ts';
import type { GraphBuilder, Value } from '../onnx/graph.ts';
import type { LayersModel } from './keras/layersModel.ts';
import { type Call, isInput, type Layer, type Network, type Reference } from './keras/network.ts';
import { LayerProblem } from './keras/problem.ts';
import { WeightNames } from './keras/weightNames.ts';
import type { LayerConverter, Mask } from './layer.ts';
import { layerConverters } from './layers/index.ts';
import { Nodes, type Shared, sharedBy } from './nodes.ts';
import type { Tensor } from './tensor.ts';
import { layerWeights } from './weights.ts';

export interface ConvertOptions {
  graph: GraphBuilder;
  /** Before every layer's name: `audio` gives `audio/conv1_1`. Default none. */
  prefix?: string;
  /** What the model reads, in the order of its inputs. */
  inputs: Tensor[];
  /** Converters of layers that are not Keras', by their class. */
  custom?: Map<string, LayerConverter>;
}

export interface Converted {
  /** In the order of the model's outputs. */
  outputs: Tensor[];
  /** What people should know: where tfjs and Keras differ, weights that nothing reads. */
  warnings: string[];
}

/**
 * Adds a whole Keras model to a graph.
 *
 * @throws {InputError} naming every layer that cannot be converted and why, or what is wrong with the weights.
 */
export function convertModel(
  model: LayersModel,
  { graph, prefix = '', inputs, custom = new Map() }: ConvertOptions,
): Converted {
  const conversion = new Conversion(model, { graph, custom, prefix });
  const outputs = conversion.network(model.network, inputs, { prefix, within: [model.network.name] });
  conversion.finish(); // throws where an output is missing
  return { outputs: outputs as Tensor[], warnings: conversion.warnings };
}

interface Place {
  prefix: string;
  /** Names of the models around, outermost first. */
  within: string[];
  /** What tfjs' calls of layers share: once a mask was handed on, later layers get it too. */
  arguments?: { mask: Mask };
}

interface Computed {
  tensor: Tensor;
  mask: Mask;
}

class Conversion {
  readonly warnings: string[] = [];
  readonly #graph: GraphBuilder;
  readonly #custom: Map<string, LayerConverter>;
  readonly #names: WeightNames;
  readonly #shared: Shared;
  /** Constants that the calls of a layer share. */
  readonly #made = new Map<Layer, Map<string, Value>>();
  readonly #problems = new Map<string, string>();

  constructor(
    { network, weights }: LayersModel,
    { graph, custom, prefix }: { graph: GraphBuilder; custom: Map<string, LayerConverter>; prefix: string },
  ) {
    this.#graph = graph;
    this.#custom = custom;
    this.#names = new WeightNames(weights.values());
    this.#shared = sharedBy(graph);
    this.#look(network, prefix);
    this.#refuse();
  }

  /** Everything that can be said of the layers before the first is converted. */
  #look(network: Network, prefix: string): void {
    const seen = new Set<Layer>();
    const look = (layer: Layer, place: string): void => {
      if (seen.has(layer)) return;
      seen.add(layer);
      const name = place ? `${place}/${layer.name}` : layer.name;
      if (layer.network) for (const call of layer.network.calls) look(call.layer, name);
      else {
        const problem = this.#converter(layer)?.problem(layer);
        if (problem === undefined) this.#problems.set(name, unknown(layer));
        else if (problem) this.#problems.set(name, `${layer.className}: ${problem}`);
      }
      if (layer.inner) look(layer.inner, name);
    };
    for (const call of network.calls) look(call.layer, prefix);
  }

  #refuse(): void {
    if (this.#problems.size === 0) return;
    const reasons = [...this.#problems].map(([name, reason]) => `\n  "${name}": ${reason}`).join('');
    const some = [...this.#problems.values()].some((reason) => reason.endsWith('is not known'));
    throw new InputError(
      `Expected layers that can be converted but ${this.#problems.size === 1 ? 'one cannot' : `${this.#problems.size} cannot`}:${reasons}` +
        (some ? '\nGive a converter with --custom NAME=module.ts (docs/export.md).' : ''),
    );
  }

  #converter({ className }: Layer): LayerConverter | undefined {
    return this.#custom.get(className) ?? layerConverters[className];
  }

  finish(): void {
    this.#refuse();
    const { unused } = this.#names;
    if (unused.length > 0) {
      const more = unused.length > 8 ? ` and ${unused.length - 8} more` : '';
      this.warnings.push(`No layer reads these weights: ${unused.slice(0, 8).join(', ')}${more}.`);
    }
  }

  /** @returns the network's outputs; undefined: a layer that it needs cannot be converted. */
  network(network: Network, inputs: Tensor[], place: Place): (Tensor | undefined)[] {
    const results = new Map<Call, Computed[] | 'failed'>();
    const computed = (reference: Reference): Computed | undefined => {
      if (isInput(reference)) {
        const tensor = inputs[reference.input];
        return tensor && { tensor, mask: null };
      }
      const of = results.get(reference.call);
      if (of === 'failed') return undefined;
      const found = of?.[reference.result];
      if (found) return found;
      throw new InputError(
        `Layer "${reference.call.layer.name}" gives ${of?.length ?? 0} results but result ${reference.result} of it is read.`,
      );
    };
    for (const call of network.calls) {
      const taken = call.inputs.map(computed);
      if (!taken.every((one) => one !== undefined)) results.set(call, 'failed');
      else results.set(call, this.#try(call, taken as Computed[], place));
    }
    return network.outputs.map(({ of }) => computed(of)?.tensor);
  }

  /** A model used as a layer. */
  #nested(network: Network, inputs: Tensor[], place: Place): Tensor[] | 'failed' {
    const outputs = this.network(network, inputs, place);
    return outputs.every((tensor) => tensor !== undefined) ? outputs : 'failed';
  }

  #try(call: Call, taken: Computed[], place: Place): Computed[] | 'failed' {
    try {
      return this.#call(call, taken, place);
    } catch (error) {
      if (error instanceof LayerProblem) this.#problems.set(error.layer, error.reason);
      else if (error instanceof TypeError)
        this.#problems.set(call.layer.name, `${call.layer.className}: ${error.message}`);
      else throw error;
      return 'failed';
    }
  }

  #call({ layer, index, unread }: Call, taken: Computed[], place: Place): Computed[] | 'failed' {
    const name = [place.prefix, layer.name + (index > 0 ? `:${index}` : '')].filter(Boolean).join('/');
    if (unread) {
      const own = unread === 'mask' ? 'a mask that the model computes itself' : `a tensor as "${unread}"`;
      throw new LayerProblem(name, `${layer.className}: it is given ${own}, which is not read`);
    }
    if (taken.some(({ mask }) => mask)) {
      place.arguments ??= { mask: null };
      place.arguments.mask = taken[0]?.mask ?? null;
    }
    const mask = place.arguments?.mask ?? null;
    if (layer.network) {
      const inside: Place = {
        prefix: name,
        within: [...place.within, layer.name],
        arguments: place.arguments ?? { mask: null },
      };
      // tfjs hands no mask to a model used as a layer, and takes none from it.
      const outputs = this.#nested(
        layer.network,
        taken.map(({ tensor }) => tensor),
        inside,
      );
      return outputs === 'failed' ? outputs : outputs.map((tensor) => ({ tensor, mask: null }));
    }
    const ownMask = taken[0]?.mask ?? null;
    const tensors = this.#convert(layer, { name, inputs: taken.map(({ tensor }) => tensor), mask, place });
    if (mask !== ownMask && mask && readsMask(layer)) {
      this.warnings.push(
        `"${name}" has no mask of its own: tfjs gives it that of a layer before it, and so does this file. Keras does not.`,
      );
    }
    const masking = this.#converter(layer)?.masking ?? 'stops';
    const masks = taken.map((one) => one.mask);
    const passed =
      typeof masking === 'function'
        ? masking({
            config: layer.config,
            inputs: taken.map(({ tensor }) => tensor),
            masks,
            nodes: new Nodes(this.#graph, name, this.#shared),
          })
        : masking === 'passes'
          ? (masks[0] ?? null)
          : null;
    return tensors.map((tensor) => ({ tensor, mask: passed }));
  }

  #convert(
    layer: Layer,
    {
      name,
      inputs,
      mask,
      place,
      alias = [],
    }: { name: string; inputs: Tensor[]; mask: Mask; place: Place; alias?: string[] },
  ): Tensor[] {
    const converter = this.#converter(layer);
    if (!converter || inputs.length === 0)
      throw new LayerProblem(name, `${layer.className} takes an input but has none`);
    const nodes = new Nodes(this.#graph, name, this.#shared);
    const made = this.#made.get(layer) ?? new Map<string, Value>();
    this.#made.set(layer, made);
    const innerName = layer.inner?.name;
    const owner = {
      names: [...alias, layer.name, ...(innerName ? [innerName] : [])],
      within: place.within,
      className: layer.className,
    };
    const taken = converter.anyType ? inputs : inputs.map((one) => nodes.float(one));
    const result = converter.convert({
      name,
      layer,
      config: undefined,
      input: taken[0] as Tensor,
      inputs: taken,
      mask,
      nodes,
      weights: layerWeights(this.#names, owner, { nodes, made }),
      convertInner: (inner, innerInputs, { mask: innerMask = null } = {}) => {
        const innerPath = `${name}/${inner.name}`;
        if (inner.network) {
          const within = [...place.within, layer.name, inner.name];
          const outputs = this.#nested(inner.network, innerInputs, { prefix: innerPath, within });
          if (outputs === 'failed') throw new LayerProblem(name, `the layers in ${inner.name} cannot be converted`);
          return outputs;
        }
        return this.#convert(inner, {
          name: innerPath,
          inputs: innerInputs,
          mask: innerMask,
          place,
          alias: [...alias, layer.name],
        });
      },
      warn: (message) => {
        const text = `"${name}" (${layer.className}): ${message}`;
        if (!this.warnings.includes(text)) this.warnings.push(text);
      },
    });
    const tensors = [result].flat();
    // The node that gives the layer's result carries the layer's name.
    tensors.forEach(({ value }, i) => {
      if (value.name.startsWith(`${name}/`)) value.name = i === 0 ? name : `${name}/result_${i}`;
    });
    return tensors;
  }
}

/** Why a layer without a converter has none. */
function unknown({ className, config }: Layer): string {
  if (/OpLambda$|^TensorFlowOpLayer$/.test(className))
    return `its class ${className} holds an operation of TensorFlow (${config.function ?? 'slicing'}) and no layer, which TensorFlow.js does not load either: build the model with layers, such as Rescaling`;
  return `its class ${className} is not known`;
}

function readsMask({ className }: Layer): boolean {
  return /^(Bidirectional|RNN|SimpleRNN|GRU|LSTM|ConvLSTM2D|Softmax)$/.test(className);
}
