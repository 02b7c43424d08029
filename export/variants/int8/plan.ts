import { elementCount } from '#core/elementCount.ts';
import type { GraphProto, NodeProto, TensorProto } from '../../onnx/messages.ts';
import { attributeOf, elementType, type GraphView, viewGraph } from '../graphView.ts';
import { type ScaledInput, scaledInput } from './scaledInput.ts';

/** What is computed in int8, and which values are kept as uint8. */
export interface Plan {
  view: GraphView;
  /** Conv, Gemm and MatMul nodes with int8 weights. */
  layers: Set<NodeProto>;
  /** Values in uint8 → the value whose scale they have: their own, or that of what a pooling or reshaping node reads. */
  values: Map<string, string>;
  /** Of these values those that come in as whole numbers, which convolutions alone read. */
  scaled: Map<string, ScaledInput>;
}

/** Order or shape: what comes out are numbers that went in. */
const moving = new Set(['Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice']);
/** The same for the largest of several. */
const passing = new Set(['MaxPool', ...moving]);
/** ONNX Runtime has these for uint8, with a scale of their own. */
const combining = new Set(['Add', 'Concat', 'AveragePool']);
/** Folded into the layer before. */
const activations = new Set(['Relu', 'Clip']);

/** In a group of fewer channels than this a convolution takes longer in whole numbers than in float32. */
const fewChannels = 4;

/** @param leftOut names of layers that stay in float32. */
export function planInt8(graph: GraphProto, leftOut: ReadonlySet<string> = new Set()): Plan {
  const view = viewGraph(graph);
  const layers = new Set(graph.node.filter((node) => isLayer(node, view) && !leftOut.has(node.name)));
  const values = new Map<string, string>();
  for (const { input } of layers) {
    const source = sourceOf(input[0] as string, view);
    values.set(source, source);
  }
  for (const node of graph.node) {
    const [input = '', output = ''] = [node.input[0], node.output[0]];
    const after = activationOf(node, view);
    const result = after?.output[0] ?? output;
    if (layers.has(node)) {
      if (node.opType === 'Conv' || feedsLayers(result, layers, view)) values.set(result, result);
    } else if (passing.has(node.opType) && values.has(input)) {
      values.set(output, values.get(input) as string);
    } else if (node.opType === 'Concat' && areAlike(node.input.map((name) => values.get(name)))) {
      values.set(output, values.get(input) as string);
    } else if (combining.has(node.opType) && node.input.every((name) => values.has(name))) {
      values.set(result, result);
    }
  }
  const scaled = new Map<string, ScaledInput>();
  for (const value of values.keys()) {
    const whole = scaledInput(value, view);
    if (whole && reachesConvolutionsAlone(value, layers, view)) scaled.set(value, whole);
  }
  return { view, layers, values, scaled };
}

/** Whether convolutions in int8 read the value or what is moved of it, and nothing else does: they take what the value has beside whole numbers into their bias. */
function reachesConvolutionsAlone(value: string, layers: Set<NodeProto>, view: GraphView): boolean {
  if (view.outputs.has(value)) return false;
  return (view.readers.get(value) ?? []).every((reader) => {
    if (moving.has(reader.opType)) return reachesConvolutionsAlone(reader.output[0] as string, layers, view);
    return reader.opType === 'Conv' && layers.has(reader);
  });
}

/** Where the numbers of a value come from, that were only moved since: there they are brought to uint8. */
export function sourceOf(value: string, view: GraphView): string {
  const node = view.producer.get(value);
  if (!node || view.outputs.has(value)) return value;
  if (moving.has(node.opType)) return sourceOf(node.input[0] as string, view);
  const sources = node.opType === 'Concat' ? node.input.map((name) => sourceOf(name, view)) : [];
  return areAlike(sources) ? (sources[0] as string) : value;
}

/** Whether all are the same, and one at all. */
function areAlike(names: readonly (string | undefined)[]): boolean {
  return names[0] !== undefined && names.every((name) => name === names[0]);
}

/** With weights that were learnt, and nothing that int8 kernels lack. */
function isLayer(node: NodeProto, { weight }: GraphView): boolean {
  const [, kernel, bias] = node.input;
  const isLearnt = weight.get(kernel ?? '')?.dataType === elementType.float32 && (!bias || weight.has(bias));
  if (!isLearnt || weight.has(node.input[0] ?? '')) return false;
  if (node.opType === 'Conv') return (weight.get(kernel ?? '')?.dims[1] ?? 0) >= fewChannels;
  if (node.opType === 'MatMul') return weight.get(kernel ?? '')?.dims.length === 2;
  const plain = (name: string, value: number) => {
    const attribute = attributeOf(node, name);
    return (
      !attribute || (attribute.type === 1 ? attribute.f : attribute.type === 2 ? attribute.i : Number.NaN) === value
    );
  };
  return node.opType === 'Gemm' && plain('transA', 0) && plain('alpha', 1) && plain('beta', 1);
}

/** The activation that alone reads what the node gives. */
export function activationOf(node: NodeProto, { readers, outputs }: GraphView): NodeProto | undefined {
  const output = node.output[0] as string;
  const [reader, ...others] = readers.get(output) ?? [];
  return reader && others.length === 0 && activations.has(reader.opType) && !outputs.has(output) ? reader : undefined;
}

function feedsLayers(name: string, layers: Set<NodeProto>, view: GraphView): boolean {
  return (view.readers.get(name) ?? []).some(
    (reader) =>
      layers.has(reader) || (passing.has(reader.opType) && feedsLayers(reader.output[0] as string, layers, view)),
  );
}

/** How many numbers each output of a convolution is a sum over. */
export function inputsOf(convolution: NodeProto, { weight }: Pick<GraphView, 'weight'>): number {
  const { dims } = weight.get(convolution.input[1] as string) as TensorProto;
  return elementCount(dims.slice(1));
}
