import { elementCount } from '#core/elementCount.ts';
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from './messages.ts';
import { operators } from './operators/index.ts';
import type { AttributeKind, Attributes, Result } from './operators/rule.ts';
import { type ConstantData, type ElementType, elementTypes, shapeText, type Value } from './value.ts';

export type { ConstantData, Dimension, ElementType, Value } from './value.ts';

export interface NodeOptions {
  /** Of the node, and of the first value it gives. */
  name: string;
  /** null: an input that is left out. */
  inputs: (Value | null)[];
  /** By ONNX's names; of the kinds that the operator's rule declares. */
  attributes?: Attributes;
  doc?: string;
  /** What it gives, for an operator that `operators/` has no rule for. */
  results?: Result[];
  /** Of an operator that is not ONNX's own. */
  domain?: string;
}

interface Node extends NodeOptions {
  opType: string;
  outputs: Value[];
  /** Its own name, where its value has the name of an output of the graph. */
  label?: string;
}

interface Constant {
  value: Value;
  data: ConstantData;
}

/** Collects the nodes of one graph in the order in which they run; types and shapes follow from the operators' rules. */
export class GraphBuilder {
  readonly #name: string;
  readonly #doc: string;
  readonly #inputs: { value: Value; doc: string }[] = [];
  readonly #outputs: { value: Value; doc: string }[] = [];
  #constants = new Map<Value, Constant>();
  #nodes: Node[] = [];

  constructor({ name, doc = '' }: { name: string; doc?: string }) {
    this.#name = name;
    this.#doc = doc;
  }

  get inputs(): Value[] {
    return this.#inputs.map(({ value }) => value);
  }

  get outputs(): Value[] {
    return this.#outputs.map(({ value }) => value);
  }

  input(value: Value, doc = ''): Value {
    this.#inputs.push({ value, doc });
    return value;
  }

  /** @param data row-major. @param type where the data alone does not say it. */
  constant(name: string, data: ConstantData, shape: number[], type: ElementType = typeOf(data)): Value {
    const size = elementCount(shape);
    if (data.length !== size) {
      throw new RangeError(`Expected ${size} numbers in "${name}" but received ${data.length}.`);
    }
    const value: Value = { name, type, shape };
    if (shape.length < 2 && size <= 32) value.elements = Array.from(data as ArrayLike<number | bigint>, Number);
    this.#constants.set(value, { value, data });
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

  /** The numbers of a constant of this graph; undefined where the value is none. */
  constantData(value: Value): ConstantData | undefined {
    return this.#constants.get(value)?.data;
  }

  /** Lets go of the numbers of a constant that no node reads any more. */
  forget(value: Value): void {
    this.#constants.delete(value);
  }

  /** @returns the first value that the node gives. */
  node(opType: string, options: NodeOptions): Value {
    return this.nodes(opType, options)[0] as Value;
  }

  /** @returns every value that the node gives. */
  nodes(opType: string, options: NodeOptions): Value[] {
    const { name, inputs, attributes = {} } = options;
    const rule = operators[opType];
    const results = options.results ?? rule?.infer({ opType, inputs, attributes });
    if (!results)
      throw new TypeError(`Expected the results of ${opType} ("${name}"), which has no rule of its own here.`);
    const outputs = results.map(({ type, shape, elements }, i): Value => {
      const valueName = i === 0 ? name : `${name}/${i}`;
      // A size that only a run knows gets a name of its own.
      const sizes = shape.map((size, axis) => size ?? `${valueName}:${axis}`);
      return { name: valueName, type, shape: sizes, ...(elements && { elements }) };
    });
    this.#nodes.push({ ...options, opType, attributes, outputs });
    return outputs;
  }

  /** Makes a value an output of the graph, under the name given. */
  output(value: Value, name: string, doc = ''): Value {
    const maker = this.#nodes.find(({ outputs }) => outputs.includes(value)); // none: an input, a constant, or of the graph around a body
    if (!maker || this.outputs.includes(value)) {
      const copy = this.node('Identity', { name, inputs: [value] });
      this.#outputs.push({ value: copy, doc });
      return copy;
    }
    if (value.name !== name) maker.label ??= value.name;
    value.name = name;
    this.#outputs.push({ value, doc });
    return value;
  }

  /**
   * Lets a pass look at every node and put others in place.
   *
   * @param change gets the nodes with what reads each value; returns the new nodes.
   */
  rewrite(change: (nodes: readonly Node[], readers: Map<Value, number>) => Node[]): void {
    const readers = new Map<Value, number>();
    const count = (value: Value | null) => value && readers.set(value, (readers.get(value) ?? 0) + 1);
    for (const { value } of this.#outputs) count(value);
    for (const node of this.#nodes) for (const value of read(node)) count(value);
    this.#nodes = change(this.#nodes, readers);
  }

  /** Values of this graph or of those around it that its nodes read. */
  get reads(): Set<Value> {
    const own = new Set([...this.inputs, ...this.#constants.keys(), ...this.#nodes.flatMap(({ outputs }) => outputs)]);
    const all = [...this.#nodes.flatMap((node) => [...read(node)]), ...this.outputs];
    return new Set(all.filter((value) => !own.has(value)));
  }

  /** Nodes whose results something needs, and their constants; what nothing reads is left out. */
  build(names: Names = new Names()): GraphProto {
    const { nodes, constants } = this.#live();
    const doc = (text: string) => (text ? { docString: text } : {});
    const outputs = new Set(this.outputs);
    for (const value of [...this.inputs, ...outputs]) names.claim(value);
    for (const { value } of constants) names.claim(value);
    for (const node of nodes) for (const value of node.outputs) names.claim(value);
    const between = nodes.flatMap((node) => node.outputs).filter((value) => !outputs.has(value));
    return {
      name: this.#name,
      docString: this.#doc,
      input: this.#inputs.map((one) => ({ ...valueInfo(one.value, names), ...doc(one.doc) })),
      output: this.#outputs.map((one) => ({ ...valueInfo(one.value, names), ...doc(one.doc) })),
      valueInfo: between.map((value) => valueInfo(value, names)),
      initializer: constants.map((constant) => tensorOf(constant, names)),
      node: nodes.map((node) => nodeProto(node, names)),
    };
  }

  #live(): { nodes: Node[]; constants: Constant[] } {
    const needed = new Set(this.outputs);
    const nodes: Node[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((value) => needed.has(value))) continue;
      nodes.push(node);
      for (const value of read(node)) needed.add(value);
    }
    return {
      nodes: nodes.reverse(),
      constants: [...this.#constants.values()].filter(({ value }) => needed.has(value)),
    };
  }
}

export type { Node };

/** Gives each value a name that no other has. */
class Names {
  readonly #names = new Map<Value, string>();
  readonly #taken = new Set<string>(['']);

  claim(value: Value): void {
    if (this.#names.has(value)) return;
    this.#names.set(value, this.free(value.name));
  }

  /** The name, or with a number where it is taken. */
  free(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#taken.has(name); i++) name = `${wanted}_${i}`;
    this.#taken.add(name);
    return name;
  }

  of(value: Value | null): string {
    if (!value) return '';
    const name = this.#names.get(value);
    if (name === undefined) throw new TypeError(`Expected "${value.name}" to be a value of this graph.`);
    return name;
  }
}

function* read({ inputs, attributes = {} }: Node): Iterable<Value> {
  for (const value of inputs) if (value) yield value;
  for (const attribute of Object.values(attributes)) if (attribute instanceof GraphBuilder) yield* attribute.reads;
}

function nodeProto({ opType, domain, inputs, outputs, attributes = {}, doc, label }: Node, names: Names): NodeProto {
  const kinds = operators[opType]?.attributes ?? {};
  return {
    name: label ? names.free(label) : names.of(outputs[0] as Value),
    opType,
    ...(domain && { domain }),
    input: inputs.map((value) => names.of(value)),
    output: outputs.map((value) => names.of(value)),
    attribute: Object.entries(attributes).map(([name, value]) =>
      attributeProto(name, value, kinds[name] ?? kindOf(value), names),
    ),
    ...(doc && { docString: doc }),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: its kind says what it is
function attributeProto(name: string, value: any, kind: AttributeKind, names: Names): AttributeProto {
  const text = new TextEncoder();
  switch (kind) {
    case 'int':
      return { name, type: 2, i: Number(value) };
    case 'ints':
      return { name, type: 7, ints: value };
    case 'float':
      return { name, type: 1, f: value };
    case 'floats':
      return { name, type: 6, floats: value };
    case 'string':
      return { name, type: 3, s: text.encode(value) };
    case 'strings':
      return { name, type: 8, strings: value.map((one: string) => text.encode(one)) };
    case 'graph':
      return { name, type: 5, g: (value as GraphBuilder).build(names) };
  }
}

/** For an operator without a rule: whole numbers are ints. */
function kindOf(value: unknown): AttributeKind {
  const whole = (numbers: unknown[]) => numbers.every((number) => Number.isInteger(number));
  if (Array.isArray(value)) return typeof value[0] === 'string' ? 'strings' : whole(value) ? 'ints' : 'floats';
  if (typeof value === 'string') return 'string';
  return whole([value]) || typeof value === 'boolean' ? 'int' : 'float';
}

function valueInfo(value: Value, names: Names): ValueInfoProto {
  const dim = value.shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name: names.of(value), type: { tensorType: { elemType: elementTypes[value.type], shape: { dim } } } };
}

function tensorOf({ value, data }: Constant, names: Names): TensorProto {
  if (value.shape.some((size) => typeof size !== 'number'))
    throw new TypeError(`Expected a constant of ${shapeText(value.shape)}.`);
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name: names.of(value), dataType: elementTypes[value.type], dims: value.shape as number[], rawData };
}

function typeOf(data: ConstantData): ElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint16Array) return 'uint16';
  return 'uint8';
}
