import { InputError } from '#core/errors.ts';
import { type Dimension, GraphBuilder } from '../../onnx/graph.ts';
import { addInput, finishGraph, type ModelGraph, openSize } from '../modelGraph.ts';
import type { GraphInput, Tensor } from '../tensor.ts';
import { elementType, type PartialShape } from './attributes.ts';
import { convertGraph } from './convert.ts';
import type { FrozenGraph, GraphNode } from './graphDef.ts';
import type { GraphModel } from './graphModel.ts';
import type { OperatorConverter } from './operator.ts';

export interface GraphModelOptions {
  /** Pictures as `[B, C, H, W]` instead of `[B, H, W, C]`, and likewise whatever has three dimensions or more. */
  channelsFirst?: boolean;
  custom?: Map<string, OperatorConverter>;
}

/** A frozen TensorFlow graph as a graph of ONNX, inputs and outputs by the names of its signature. */
export function onnxGraph(
  model: GraphModel,
  { channelsFirst: moves = false, custom }: GraphModelOptions = {},
): ModelGraph {
  const graph = new GraphBuilder({ name: 'graph', doc: 'Converted from a TensorFlow.js graph model.' });
  const inputs: GraphInput[] = [];
  const tensors = new Map<GraphNode, Tensor>();
  for (const spec of model.graph.inputs) {
    const { name, node } = spec;
    const shape = inputShape(spec, model.graph.inputs.length > 1);
    const type = inputType(spec);
    // Pictures in whole numbers are pixels.
    const below = type === 'int32' && shape.length === 4 ? 256 : null;
    const input = addInput(graph, { name, type, shape, moves, below });
    inputs.push(input.input);
    tensors.set(node, input);
  }
  const { outputs, warnings } = convertGraph(model, { graph, inputs: tensors, ...(custom && { custom }) });
  finishGraph(graph, {
    inputs,
    outputs: outputs.map((tensor, i) => ({ tensor, name: (model.graph.outputs[i] as { name: string }).name })),
  });
  return { graph, inputs, warnings };
}

type Input = FrozenGraph['inputs'][number];

/** The node's own shape, and where that says less the signature's. */
function inputShape({ name, node, shape }: Input, several: boolean): Dimension[] {
  const own = node.attributes.shape as PartialShape | undefined;
  const known = own && own !== 'unknown' ? own : shape;
  if (!known || known === 'unknown') {
    throw new InputError(
      `Expected how many dimensions the input "${name}" has but the model leaves that to each run. Give its shape in the signature of model.json.`,
    );
  }
  return known.map((size, axis) => {
    if (size !== null) return size;
    // A list is no batch.
    return known.length === 1
      ? openSize(1, 2, several ? name : null)
      : openSize(axis, known.length, several ? name : null);
  });
}

function inputType({ name, node }: Input): GraphInput['value']['type'] {
  const { data, error } = elementType.safeParse(node.attributes.dtype ?? 'DT_FLOAT');
  if (data) return data;
  throw new InputError(`Expected the input "${name}" to take numbers: ${error?.issues[0]?.message}.`);
}
