import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from './messages.ts';

/** ONNX's numbers for the element types used here (TensorProto.DataType). */
const elementTypes = { float32: 1, uint8: 2, int64: 7 } as const;
export type ElementType = keyof typeof elementTypes;

/** A fixed size, or the name of one that each run may choose. */
export type Dimension = number | 'batch';

/** A tensor of the graph, by the name that Netron shows. */
export interface Value {
  name: string;
  type: ElementType;
  shape: Dimension[];
}

export interface NodeOptions {
  /** Of the node, and of the value it gives. */
  name: string;
  inputs: Value[];
  /** Of the value it gives. */
  shape: Dimension[];
  /** Of the value it gives; default float32. */
  type?: ElementType;
  attributes?: Record<string, Attribute>;
  doc?: string;
}

export type Attribute = { int: number } | { ints: number[] } | { float: number };

/** Collects the nodes of one graph in the order in which they run. */
export class GraphBuilder {
  readonly #name: string;
  readonly #doc: string;
  readonly #inputs: { value: Value; doc: string }[] = [];
  readonly #outputs: { value: Value; doc: string }[] = [];
  readonly #constants: { value: Value; data: Float32Array | BigInt64Array }[] = [];
  readonly #nodes: { opType: string; options: NodeOptions; result: Value }[] = [];

  constructor({ name, doc }: { name: string; doc: string }) {
    this.#name = name;
    this.#doc = doc;
  }

  input(value: Value, doc: string): Value {
    this.#inputs.push({ value, doc });
    return value;
  }

  /** @param data row-major. */
  constant(name: string, data: Float32Array | BigInt64Array, shape: number[]): Value {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    if (data.length !== size) {
      throw new RangeError(`Expected ${size} numbers in "${name}" but received ${data.length}.`);
    }
    const value: Value = { name, type: data instanceof Float32Array ? 'float32' : 'int64', shape };
    this.#constants.push({ value, data });
    return value;
  }

  /** @returns one float32, without dimensions. */
  scalar(name: string, value: number): Value {
    return this.constant(name, Float32Array.of(value), []);
  }

  /** @returns a list of whole numbers, as operators take axes and sizes. */
  integers(name: string, numbers: number[]): Value {
    return this.constant(name, BigInt64Array.from(numbers, BigInt), [numbers.length]);
  }

  node(opType: string, options: NodeOptions): Value {
    const { name, shape, type = 'float32' } = options;
    const result: Value = { name, type, shape };
    this.#nodes.push({ opType, options, result });
    return result;
  }

  /** Makes a value an output of the graph, under the name given. */
  output(value: Value, name: string, doc: string): void {
    const isTaken = [...this.#inputs, ...this.#outputs].some((other) => other.value === value);
    const output = isTaken ? this.node('Identity', { name, inputs: [value], shape: value.shape }) : value;
    output.name = name;
    this.#outputs.push({ value: output, doc });
  }

  /** What the graph takes and gives, in the order in which it was said. */
  get signature(): { inputs: Value[]; outputs: Value[] } {
    return { inputs: this.#inputs.map(({ value }) => value), outputs: this.#outputs.map(({ value }) => value) };
  }

  build(): GraphProto {
    const outputs = new Set(this.#outputs.map(({ value }) => value));
    return {
      name: this.#name,
      docString: this.#doc,
      input: this.#inputs.map(({ value, doc }) => valueInfo(value, doc)),
      output: this.#outputs.map(({ value, doc }) => valueInfo(value, doc)),
      valueInfo: this.#nodes.filter(({ result }) => !outputs.has(result)).map(({ result }) => valueInfo(result)),
      initializer: this.#constants.map(({ value, data }) => tensor(value, data)),
      node: this.#nodes.map(node),
    };
  }
}

function node({ opType, options, result }: { opType: string; options: NodeOptions; result: Value }): NodeProto {
  return {
    name: options.name,
    opType,
    input: options.inputs.map((value) => value.name),
    output: [result.name],
    attribute: Object.entries(options.attributes ?? {}).map(([name, value]) => attribute(name, value)),
    ...(options.doc && { docString: options.doc }),
  };
}

function attribute(name: string, value: Attribute): AttributeProto {
  if ('float' in value) return { name, type: 1, f: value.float };
  if ('int' in value) return { name, type: 2, i: value.int };
  return { name, type: 7, ints: value.ints };
}

function valueInfo({ name, type, shape }: Value, docString?: string): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return {
    name,
    type: { tensorType: { elemType: elementTypes[type], shape: { dim } } },
    ...(docString && { docString }),
  };
}

function tensor({ name, type, shape }: Value, data: Float32Array | BigInt64Array): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType: elementTypes[type], dims: shape as number[], rawData };
}
