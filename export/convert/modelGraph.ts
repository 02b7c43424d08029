import { InputError } from '#core/errors.ts';
import { type Dimension, type ElementType, GraphBuilder } from '../onnx/graph.ts';
import { foldBatchNorm } from '../onnx/passes/foldBatchNorm.ts';
import { keepPadsBeforePools } from '../onnx/passes/keepPads.ts';
import { convertModel } from './convert.ts';
import type { LayersModel } from './keras/layersModel.ts';
import type { Layer, Network, NetworkInput } from './keras/network.ts';
import type { LayerConverter } from './layer.ts';
import { Nodes, sharedBy } from './nodes.ts';
import { channelsFirst, type GraphInput, type Tensor } from './tensor.ts';

export interface ModelGraphOptions {
  /** Pictures, sequences and volumes as `[B, C, …]` instead of `[B, …, C]`, which a model of channels_first has them as anyway. */
  channelsFirst?: boolean;
  custom?: Map<string, LayerConverter>;
}

export interface ModelGraph {
  graph: GraphBuilder;
  inputs: GraphInput[];
  warnings: string[];
}

/** A whole Keras model as a graph of its own, with its own inputs and outputs by their names. */
export function modelGraph(
  model: LayersModel,
  { channelsFirst: asked = false, custom }: ModelGraphOptions = {},
): ModelGraph {
  const { network } = model;
  const graph = new GraphBuilder({ name: network.name, doc: 'Converted from a TensorFlow.js layers model.' });
  const several = network.inputs.length > 1;
  const moves = asked && !readsChannelsFirst(network);
  const inputs: GraphInput[] = [];
  const tensors = network.inputs.map((spec): Tensor => {
    const input = addInput(graph, { name: spec.name, type: inputType(spec), shape: inputShape(spec, several), moves });
    inputs.push(input.input);
    return input;
  });
  const { outputs, warnings } = convertModel(model, { graph, inputs: tensors, ...(custom && { custom }) });
  finishGraph(graph, {
    inputs,
    outputs: outputs.map((tensor, i) => ({ tensor, name: (network.outputs[i] as { name: string }).name })),
  });
  if (/^3\./.test(`${model.topology.keras_version}`) && /"hard_?sigmoid"/i.test(JSON.stringify(model.topology))) {
    warnings.push("tfjs' hard_sigmoid is 0.2 x + 0.5, and so is this file's; that of Keras 3 is x / 6 + 0.5.");
  }
  return { graph, inputs, warnings };
}

export interface InputOptions {
  name: string;
  type: ElementType;
  /** In the model's own order. */
  shape: Dimension[];
  /** Channels come first. */
  moves: boolean;
  /** As {@link GraphInput.below}. */
  below?: number | null;
}

/** @returns an input of the graph, in the model's order. */
export function addInput(
  graph: GraphBuilder,
  { name, type, shape, moves, below = null }: InputOptions,
): Tensor & { input: GraphInput } {
  const channelsMoved = moves && shape.length > 2;
  const order = channelsMoved ? channelsFirst(shape.length) : shape.map((_, axis) => axis);
  const value = graph.input({ name, type, shape: order.map((axis) => shape[axis] as Dimension) });
  return { value, order, input: { name, value, below, channelsMoved } };
}

/** Makes tensors the outputs of a graph, each under a name of its own, and lets the passes over it. */
export function finishGraph(
  graph: GraphBuilder,
  { inputs, outputs }: { inputs: GraphInput[]; outputs: { tensor: Tensor; name: string }[] },
): void {
  const nodes = new Nodes(graph, 'output', sharedBy(graph));
  const taken = new Set<string>();
  for (const { tensor, name } of outputs) {
    let unique = name;
    for (let number = 1; taken.has(unique) || inputs.some((input) => input.name === unique); number++)
      unique = `${name}_${number}`;
    taken.add(unique);
    graph.output(nodes.plain(tensor), unique);
  }
  foldBatchNorm(graph);
  keepPadsBeforePools(graph);
}

function readsChannelsFirst({ calls }: Network): boolean {
  const reads = ({ network, inner, config }: Layer): boolean =>
    /^channels_?first$/i.test(`${config.data_format}`) ||
    (network !== undefined && readsChannelsFirst(network)) ||
    (inner !== undefined && reads(inner));
  return calls.some(({ layer }) => reads(layer));
}

/** Sizes that the model leaves open get names: the batch, and what the axis is. */
function inputShape({ name, shape }: NetworkInput, several: boolean): Dimension[] {
  if (!shape) {
    throw new InputError(
      `Expected the shape of the input "${name}" in the model but neither batch_input_shape nor batch_shape is there.`,
    );
  }
  return shape.map((size, axis) => size ?? openSize(axis, shape.length, several ? name : null));
}

/** What a size that the model leaves open is called. @param of the input, where there are several. */
export function openSize(axis: number, rank: number, of: string | null): string {
  if (axis === 0) return 'batch';
  const axes: Record<number, string[]> = { 3: ['time'], 4: ['height', 'width'], 5: ['depth', 'height', 'width'] };
  const what = axes[rank]?.[axis - 1] ?? (rank === 2 ? 'length' : axis === rank - 1 ? 'channels' : `axis_${axis}`);
  return of ? `${of}_${what}` : what;
}

function inputType({ name, dtype }: NetworkInput): ElementType {
  if (/^u?int(8|16|32|64)$/.test(dtype)) return 'int32'; // what tfjs has for whole numbers
  if (dtype === 'bool') return 'bool';
  if (/^(b?float(16|32|64)|mixed_b?float16)$/.test(dtype)) return 'float32';
  throw new InputError(`Expected the input "${name}" to take numbers but it takes ${dtype}.`);
}
