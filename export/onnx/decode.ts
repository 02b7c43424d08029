import { InputError } from '#core/errors.ts';
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  modelMessage,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './messages.ts';

/**
 * Reads an `.onnx` file, ours or another program's. Wherever a tensor keeps its numbers, here they are in `rawData`.
 *
 * @param where the file, for messages.
 * @throws {InputError} for what is no ONNX file, or has what is not read: weights in other files, sparse weights, functions, strings as
 *   weights, values that are no tensors.
 */
export function decodeModel(bytes: Uint8Array, where: string): ModelProto {
  let message: Read;
  try {
    message = modelMessage.toObject(modelMessage.decode(bytes), { longs: String, arrays: true });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new InputError(`Expected ${where} to be an ONNX file but it cannot be read: ${reason}.`, 'invalid_request', {
      cause,
    });
  }
  if (!message.graph || !message.irVersion) {
    throw new InputError(`Expected ${where} to be an ONNX file but it has no graph or no irVersion.`);
  }
  const refuse = (what: string): never => {
    throw new InputError(`${where} has ${what}, which cannot be read here. Write it without.`);
  };
  if (message.functions.length > 0) refuse('functions of its own');
  return {
    irVersion: Number(message.irVersion),
    opsetImport: message.opsetImport.map(({ domain = '', version = 1 }: Read) => ({
      domain,
      version: Number(version),
    })),
    producerName: message.producerName ?? '',
    producerVersion: message.producerVersion ?? '',
    docString: message.docString ?? '',
    graph: readGraph(message.graph, refuse),
    metadataProps: message.metadataProps.map(({ key = '', value = '' }: Read) => ({ key, value })),
  };
}

/** A message as protobufjs gives it: whole numbers of 64 bits as strings; any field may be missing but the repeated ones. */
// biome-ignore lint/suspicious/noExplicitAny: what a file holds is known when it has been looked at
type Read = any;
type Refuse = (what: string) => never;

function readGraph(graph: Read, refuse: Refuse): GraphProto {
  if (graph.sparseInitializer.length > 0) refuse('sparse weights');
  const values = (list: Read[]) => list.map((value) => readValue(value, refuse));
  return {
    name: graph.name ?? '',
    docString: graph.docString ?? '',
    input: values(graph.input),
    output: values(graph.output),
    valueInfo: values(graph.valueInfo),
    initializer: graph.initializer.map((tensor: Read) => readTensor(tensor, refuse)),
    node: graph.node.map((node: Read) => readNode(node, refuse)),
  };
}

function readNode({ name, opType, domain, input, output, attribute, docString }: Read, refuse: Refuse): NodeProto {
  return {
    name: name ?? '',
    opType: opType ?? refuse(`a node "${name ?? ''}" without an operator`),
    ...(domain && { domain }),
    input,
    output,
    attribute: attribute.map((one: Read) => readAttribute(one, refuse)),
    ...(docString && { docString }),
  };
}

function readAttribute({ name, type, f, i, s, t, g, floats, ints, strings }: Read, refuse: Refuse): AttributeProto {
  const empty = new Uint8Array();
  switch (type) {
    case 1:
      return { name, type, f: f ?? 0 };
    case 2:
      return { name, type, i: Number(i ?? 0) };
    case 3:
      return { name, type, s: s ?? empty };
    case 4:
      return { name, type, t: readTensor(t ?? {}, refuse) };
    case 5:
      return { name, type, g: readGraph(g, refuse) };
    case 6:
      return { name, type, floats };
    case 7:
      return { name, type, ints: ints.map(Number) };
    case 8:
      return { name, type, strings };
    default:
      return refuse(`the attribute "${name}" of type ${type}`);
  }
}

function readValue({ name, type, docString }: Read, refuse: Refuse): ValueInfoProto {
  const tensor = type?.tensorType ?? refuse(`a value "${name}" that is no tensor`);
  const { elemType = 0, shape } = tensor;
  return {
    name: name ?? '',
    type: { tensorType: { elemType, ...(shape && { shape: { dim: shape.dim.map(readDimension) } }) } },
    ...(docString && { docString }),
  };
}

function readDimension({ dimValue, dimParam }: Read): { dimValue?: number; dimParam?: string } {
  if (dimValue !== undefined) return { dimValue: Number(dimValue) };
  return dimParam ? { dimParam } : {};
}

/** ONNX's number for a type → how its numbers stand in `int32_data`; float32, float64, int64 and uint64 have fields of their own. */
const inInt32Data: Record<number, { new (numbers: number[]): { buffer: ArrayBufferLike } }> = {
  2: Uint8Array,
  3: Int8Array,
  4: Uint16Array,
  5: Int16Array,
  6: Int32Array,
  9: Uint8Array,
  10: Uint16Array, // float16 by its bits
};

function readTensor(tensor: Read, refuse: Refuse): TensorProto {
  const { name = '', dataType = 0, rawData, dataLocation } = tensor;
  const dims = (tensor.dims ?? []).map(Number);
  if (dataLocation === 1) refuse(`weights in another file ("${name}")`);
  if (dataType === 8) refuse(`strings as weights ("${name}")`);
  if (rawData) return { name, dataType, dims, rawData };
  const numbers = () => {
    const Integers = inInt32Data[dataType];
    if (Integers) return new Integers(tensor.int32Data ?? []);
    if (dataType === 1) return Float32Array.from(tensor.floatData ?? []);
    if (dataType === 11) return Float64Array.from(tensor.doubleData ?? []);
    if (dataType === 7) return BigInt64Array.from(tensor.int64Data ?? [], BigInt);
    if (dataType === 12) return Uint32Array.from(tensor.uint64Data ?? [], Number);
    if (dataType === 13) return BigUint64Array.from(tensor.uint64Data ?? [], BigInt);
    return refuse(`a weight "${name}" of ONNX's type ${dataType}`);
  };
  return { name, dataType, dims, rawData: new Uint8Array(numbers().buffer) };
}
