import type { GraphProto, NodeProto } from '../../onnx/messages.ts';
import { attributeOf, elementType, floatsOf, type GraphView, viewGraph } from '../graphView.ts';
import type { Scale } from './scheme.ts';

/** What is computed in int8, and which values are kept as uint8. */
export interface Plan {
  view: GraphView;
  /** Conv, Gemm and MatMul nodes with int8 weights. */
  layers: Set<NodeProto>;
  /** Values in uint8 → the value whose scale they have: their own, or that of what a pooling or reshaping node reads. */
  values: Map<string, string>;
  pixels: Pixels | null;
}

/** Pixels that come in as uint8 are scaled whole numbers already: they go to the first layer as they are. */
export interface Pixels extends Scale {
  /** The graph's input. */
  input: string;
  /** What the graph made of it in float32. */
  value: string;
  /** The nodes between, which fall away. */
  nodes: NodeProto[];
  /** value = (input − zeroPoint) × scale + rest; the first layer's bias takes the rest. */
  rest: number;
}

/** Maximum, order or shape: what comes out are numbers that went in. */
const passing = new Set(['MaxPool', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Slice']);
/** ONNX Runtime has these for uint8, with a scale of their own. */
const combining = new Set(['Add', 'Concat', 'AveragePool']);
/** Folded into the layer before. */
const activations = new Set(['Relu', 'Clip']);

/** @param leftOut names of layers that stay in float32. */
export function planInt8(graph: GraphProto, leftOut: ReadonlySet<string> = new Set()): Plan {
  const view = viewGraph(graph);
  const layers = new Set(graph.node.filter((node) => isLayer(node, view) && !leftOut.has(node.name)));
  const values = new Map<string, string>();
  const foundPixels = findPixels(graph, view);
  const pixels = foundPixels && readOnlyBy(foundPixels.value, layers, view) ? foundPixels : null;
  if (pixels) values.set(pixels.value, pixels.value);
  const roots = new Set([...layers].map((layer) => sourceOf(layer.input[0] as string, view)));
  for (const root of roots) if (!view.weight.has(root)) values.set(root, root);
  for (const node of graph.node) {
    const [input = '', output = ''] = [node.input[0], node.output[0]];
    if (layers.has(node)) {
      const after = activationOf(node, view);
      const result = after?.output[0] ?? output;
      if (node.opType === 'Conv' || feedsLayers(result, layers, view)) values.set(result, result);
    } else if (passing.has(node.opType) && values.has(input)) {
      values.set(output, values.get(input) as string);
    } else if (combining.has(node.opType) && node.input.every((name) => values.has(name))) {
      const after = activationOf(node, view);
      values.set(after?.output[0] ?? output, after?.output[0] ?? output);
    }
  }
  return { view, layers, values, pixels };
}

/** With weights that were learnt, and nothing that int8 kernels lack. */
function isLayer(node: NodeProto, { weight }: GraphView): boolean {
  const [, kernel, bias] = node.input;
  const isLearnt = weight.get(kernel ?? '')?.dataType === elementType.float32 && (!bias || weight.has(bias));
  if (!isLearnt || weight.has(node.input[0] ?? '')) return false;
  if (node.opType === 'Conv') return true;
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

/** Back through nodes that pass numbers on: what they read is what is made uint8. */
function sourceOf(name: string, view: GraphView): string {
  const producer = view.producer.get(name);
  return producer && passing.has(producer.opType) ? sourceOf(producer.input[0] as string, view) : name;
}

function feedsLayers(name: string, layers: Set<NodeProto>, view: GraphView): boolean {
  return (view.readers.get(name) ?? []).some(
    (reader) =>
      layers.has(reader) || (passing.has(reader.opType) && feedsLayers(reader.output[0] as string, layers, view)),
  );
}

function readOnlyBy(name: string, layers: Set<NodeProto>, view: GraphView): boolean {
  if (view.outputs.has(name)) return false;
  const readers = view.readers.get(name) ?? [];
  return readers.every(
    (reader) =>
      (layers.has(reader) && reader.input.length === 3) ||
      (passing.has(reader.opType) && readOnlyBy(reader.output[0] as string, layers, view)),
  );
}

/** Cast, times a number, plus a number. */
function findPixels(graph: GraphProto, view: GraphView): Pixels | null {
  const input = graph.input.find(({ type }) => type.tensorType.elemType === elementType.uint8)?.name ?? '';
  const only = (name: string) => {
    const [reader, ...others] = view.readers.get(name) ?? [];
    return others.length === 0 ? reader : undefined;
  };
  const number = (node: NodeProto | undefined, opType: string) => {
    const weight = node?.opType === opType ? view.weight.get(node.input[1] ?? '') : undefined;
    const [value, ...others] = weight?.dataType === elementType.float32 ? floatsOf(weight) : [];
    return others.length === 0 ? value : undefined;
  };
  const cast = only(input);
  if (cast?.opType !== 'Cast') return null;
  const times = only(cast.output[0] as string);
  const scale = number(times, 'Mul');
  const plus = times && only(times.output[0] as string);
  const offset = number(plus, 'Add');
  if (!times || !plus || !scale || scale < 0 || offset === undefined) return null;
  const zeroPoint = Math.round(-offset / scale);
  if (zeroPoint < 0 || zeroPoint > 255) return null;
  const rest = offset + zeroPoint * scale;
  return { input, value: plus.output[0] as string, nodes: [cast, times, plus], scale, zeroPoint, rest };
}
