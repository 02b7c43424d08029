import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/messages.ts';

/** Who makes and reads each value of a graph, by the values' names. */
export interface GraphView {
  producer: Map<string, NodeProto>;
  readers: Map<string, NodeProto[]>;
  weight: Map<string, TensorProto>;
  /** Types and shapes of inputs, outputs and the values between. */
  info: Map<string, ValueInfoProto>;
  outputs: Set<string>;
  /** Nodes that read constants alone: ONNX Runtime computes them when it loads the graph. */
  constant: Set<NodeProto>;
}

export function viewGraph(graph: GraphProto): GraphView {
  const producer = new Map<string, NodeProto>();
  const readers = new Map<string, NodeProto[]>();
  const weight = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const constant = new Set<NodeProto>();
  const fixed = new Set(weight.keys());
  for (const node of graph.node) {
    for (const name of new Set(node.input)) readers.set(name, [...(readers.get(name) ?? []), node]);
    for (const name of node.output) producer.set(name, node);
    if (!node.input.every((name) => name === '' || fixed.has(name))) continue;
    constant.add(node);
    for (const name of node.output) fixed.add(name);
  }
  return {
    producer,
    readers,
    weight,
    info: new Map([...graph.input, ...graph.output, ...graph.valueInfo].map((value) => [value.name, value])),
    outputs: new Set(graph.output.map(({ name }) => name)),
    constant,
  };
}

/** @returns the sizes of a value; undefined where one is not known. The batch counts as 1. */
export function sizesOf({ info }: GraphView, name: string): number[] | undefined {
  const dim = info.get(name)?.type.tensorType.shape?.dim;
  const sizes = dim?.map(({ dimValue }, axis) => dimValue ?? (axis === 0 ? 1 : undefined));
  return sizes?.every((size) => size !== undefined) ? (sizes as number[]) : undefined;
}

export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** @returns a copy of a weight's numbers. */
export function floatsOf({ rawData }: TensorProto): Float32Array {
  return new Float32Array(new Uint8Array(rawData).buffer); // in a file it may begin anywhere
}

export function tensorOf(
  name: string,
  data: Float32Array | Uint16Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array,
  dims: number[],
  dataType: number,
): TensorProto {
  return { name, dataType, dims, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** ONNX's numbers for element types. */
export const elementType = { float32: 1, uint8: 2, int8: 3, int16: 5, int32: 6, int64: 7, float16: 10 } as const;
