import { InputError } from '#core/errors.ts';
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/messages.ts';
import { largestHalf, smallestHalf, toHalves } from './float16.ts';
import { elementType, floatsOf, type GraphView, tensorOf, viewGraph } from './graphView.ts';

/** What overflows or loses its small numbers in halves, or adds up many: these stay in float32. */
const keptOperators = new Set([
  ...['Log', 'Exp', 'Pow', 'Sqrt', 'Reciprocal', 'Erf', 'Softmax', 'LogSoftmax', 'Softplus', 'CumSum', 'Resize'],
  ...['BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'LpNormalization'],
  ...['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceMean', 'ReduceProd', 'ReduceSum'],
  ...['ReduceSumSquare', 'Loop', 'If', 'Scan', 'LSTM', 'GRU', 'RNN'],
]);

/**
 * Weights and arithmetic in float16; inputs and outputs stay float32.
 *
 * In float32 stay: {@link keptOperators}; all that leads to a logarithm (a spectrogram's power spans ten decades), and all that is made of a
 * softmax's (log-probabilities of −20 are compared with each other); what scales whole numbers that come in as pixels; weights above 65504.
 *
 * @throws {InputError} where the type of a value is not known.
 */
export function toFloat16(model: ModelProto): ModelProto {
  const { graph } = model;
  const view = viewGraph(graph);
  const kept = keptNodes(graph.node, view);
  const nodes: NodeProto[] = [];
  const weights = new Map<string, TensorProto>(); // in the order of their first reader
  const infos: ValueInfoProto[] = [];
  const cast = new Set<string>();
  const isHalf = (name: string) => {
    const producer = view.producer.get(name);
    return producer !== undefined && !kept.has(producer) && isFloat(name, view);
  };
  const addCast = (from: string, to: string, type: number) => {
    if (cast.has(to)) return to;
    cast.add(to);
    const attribute: NodeProto['attribute'] = [{ name: 'to', type: 2, i: type }];
    nodes.push({ name: to, opType: 'Cast', input: [from], output: [to], attribute });
    const info = view.info.get(from);
    if (info && !view.outputs.has(to)) infos.push(typed({ ...info, name: to }, type));
    return to;
  };
  const asHalf = (name: string) => {
    const weight = view.weight.get(name);
    if (!weight) return isHalf(name) ? inside(name) : addCast(name, `${name}/half`, elementType.float16);
    const isKeptToo = view.readers.get(name)?.some((reader) => kept.has(reader));
    const halfName = isKeptToo ? `${name}/half` : name;
    const numbers = floatsOf(weight);
    const halves = toHalves(numbers.length === 1 ? numbers.map(notZero) : numbers);
    weights.set(halfName, tensorOf(halfName, halves, weight.dims, elementType.float16));
    return halfName;
  };
  const asFloat = (name: string) => {
    const weight = view.weight.get(name);
    if (weight) weights.set(name, weight);
    return isHalf(name) ? addCast(inside(name), `${name}/float`, elementType.float32) : name;
  };
  const inside = (name: string) => (view.outputs.has(name) ? `${name}/half` : name);

  for (const node of graph.node) {
    const isKept = kept.has(node);
    const input = node.input.map((name) => {
      if (name && isFloat(name, view)) return isKept ? asFloat(name) : asHalf(name);
      const weight = view.weight.get(name);
      if (weight) weights.set(name, weight);
      return name;
    });
    const output = node.output.map((name) => (isHalf(name) ? inside(name) : name));
    nodes.push({ ...node, input, output });
    for (const name of node.output) {
      if (view.outputs.has(name) && isHalf(name)) addCast(inside(name), name, elementType.float32);
    }
  }
  for (const value of graph.valueInfo) infos.push(isHalf(value.name) ? typed(value, elementType.float16) : value);
  return { ...model, graph: { ...graph, node: nodes, initializer: [...weights.values()], valueInfo: infos } };
}

/** A number by itself that is nearly 0, such as what a Pad is filled with, does not become 0: runtimes take that for something else. */
function notZero(value: number): number {
  return value !== 0 && Math.abs(value) < smallestHalf ? Math.sign(value) * smallestHalf : value;
}

function keptNodes(nodes: NodeProto[], view: GraphView): Set<NodeProto> {
  const kept = new Set<NodeProto>();
  const keepWithSources = (node: NodeProto) => {
    if (kept.has(node)) return;
    kept.add(node);
    for (const name of node.input) {
      const source = view.producer.get(name);
      if (source) keepWithSources(source);
    }
  };
  const keepWithReaders = (node: NodeProto) => {
    kept.add(node);
    for (const name of node.output) for (const reader of view.readers.get(name) ?? []) keepWithReaders(reader);
  };
  for (const node of nodes) {
    if (node.opType === 'Log' || node.opType === 'LogSoftmax') keepWithSources(node);
    if (node.opType === 'LogSoftmax') keepWithReaders(node);
  }
  for (const node of nodes) {
    const isFloating = [...node.input, ...node.output].some((name) => name && isFloat(name, view));
    const tooLarge = node.input.some((name) => exceedsHalf(view.weight.get(name)));
    if (!isFloating || tooLarge || keptOperators.has(node.opType) || view.constant.has(node)) kept.add(node);
    if (scalesWholeNumbers(node, view, kept)) kept.add(node);
  }
  return kept;
}

/** Element by element, straight after a cast from whole numbers: pixels. */
function scalesWholeNumbers({ opType, input }: NodeProto, view: GraphView, kept: Set<NodeProto>): boolean {
  if (opType === 'Cast') return input.some((name) => !isFloat(name, view));
  if (!['Mul', 'Add', 'Sub', 'Div'].includes(opType)) return false;
  return input.every((name) => {
    const source = view.producer.get(name);
    return (
      view.weight.has(name) ||
      (source && kept.has(source) && ['Cast', 'Mul', 'Add', 'Sub', 'Div'].includes(source.opType))
    );
  });
}

function isFloat(name: string, view: GraphView): boolean {
  const type = view.weight.get(name)?.dataType ?? view.info.get(name)?.type.tensorType.elemType;
  if (type) return type === elementType.float32;
  throw new InputError(
    `Expected the type of "${name}" in the graph's value_info but it is not there. Infer shapes first: onnx.shape_inference in Python.`,
  );
}

function exceedsHalf(weight: TensorProto | undefined): boolean {
  return weight?.dataType === elementType.float32 && floatsOf(weight).some((value) => Math.abs(value) > largestHalf);
}

function typed(value: ValueInfoProto, elemType: number): ValueInfoProto {
  return { ...value, type: { tensorType: { ...value.type.tensorType, elemType } } };
}
