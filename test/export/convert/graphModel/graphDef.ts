import { elementCount } from '#core/elementCount.ts';
import { Random } from '#core/random.ts';

// Makes tiny graph models by hand, as the tensorflowjs converter writes them.

/** A result of a node: `name` or `name:1`. */
export type Ref = string;
export type DType = 'DT_FLOAT' | 'DT_INT32' | 'DT_BOOL';

type Plain = number | boolean | string | number[] | string[];

interface NodeJson {
  name: string;
  op: string;
  input: string[];
  attr: Record<string, unknown>;
}

interface WeightSpec {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: unknown;
}

export class GraphDef {
  readonly nodes: NodeJson[] = [];
  readonly specs: WeightSpec[] = [];
  readonly #data: Uint8Array[] = [];
  readonly #random = new Random(3);
  outputs: Ref[] = [];

  input(name: string, shape: (number | null)[] | 'unknown', dtype: DType = 'DT_FLOAT'): Ref {
    const dim = shape === 'unknown' ? [] : shape.map((size) => ({ size: `${size ?? -1}` }));
    const held = shape === 'unknown' ? { unknownRank: true } : { dim };
    this.nodes.push({ name, op: 'Placeholder', input: [], attr: { dtype: { type: dtype }, shape: { shape: held } } });
    return name;
  }

  op(op: string, inputs: Ref[], attributes: Record<string, Plain> = {}, name = this.#free(op)): Ref {
    const attr = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attrValue(value)]));
    this.nodes.push({ name, op, input: inputs, attr });
    return name;
  }

  /** Of whole numbers where they are ints. */
  ints(numbers: number | number[], shape?: number[]): Ref {
    const list = [numbers].flat();
    const own = shape ?? (typeof numbers === 'number' ? [] : [list.length]);
    return this.#constant('int32', own, new Uint8Array(Int32Array.from(list).buffer));
  }

  floats(numbers: number | number[], shape?: number[]): Ref {
    const list = [numbers].flat();
    const own = shape ?? (typeof numbers === 'number' ? [] : [list.length]);
    return this.#constant('float32', own, new Uint8Array(Float32Array.from(list).buffer));
  }

  bools(values: boolean[], shape: number[] = [values.length]): Ref {
    return this.#constant('bool', shape, Uint8Array.from(values, Number));
  }

  complex(pairs: number[], shape: number[]): Ref {
    return this.#constant('complex64', shape, new Uint8Array(Float32Array.from(pairs).buffer));
  }

  /** Random numbers between the bounds. */
  weights(shape: number[], low = -0.5, high = 0.5): Ref {
    return this.floats(
      Array.from({ length: elementCount(shape) }, () => this.#random.uniform(low, high)),
      shape,
    );
  }

  /** A constant as bytes that the manifest describes. */
  stored(spec: Omit<WeightSpec, 'name'>, bytes: Uint8Array): Ref {
    return this.#constant(spec.dtype, spec.shape, bytes, spec.quantization);
  }

  #constant(dtype: string, shape: number[], bytes: Uint8Array, quantization?: unknown): Ref {
    const name = this.#free('Const');
    this.nodes.push({ name, op: 'Const', input: [], attr: {} });
    this.specs.push({ name, shape, dtype, ...(quantization !== undefined && { quantization }) });
    this.#data.push(bytes);
    return name;
  }

  #free(op: string): string {
    return `part/${op}_${this.nodes.length}`;
  }

  get weightData(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#data.flatMap((bytes) => [...bytes]));
  }

  /** The JSON of `model.json`. */
  json(more: Record<string, unknown> = {}): Record<string, unknown> {
    const outputs = this.outputs.map((ref, i) => [`output_${i}`, { name: ref.includes(':') ? ref : `${ref}:0` }]);
    return {
      format: 'graph-model',
      generatedBy: '2.21.0',
      convertedBy: 'by hand',
      signature: { outputs: Object.fromEntries(outputs) },
      modelTopology: { node: this.nodes, versions: { producer: 1 } },
      weightsManifest: [{ paths: ['weights.bin'], weights: this.specs }],
      ...more,
    };
  }
}

function attrValue(value: Plain): unknown {
  if (typeof value === 'boolean') return { b: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { i: `${value}` } : { f: value };
  if (typeof value === 'string') return value.startsWith('DT_') ? { type: value } : { s: btoa(value) };
  if (value.length === 0) return { list: {} };
  if (typeof value[0] === 'string') return { list: { s: (value as string[]).map(btoa) } };
  return { list: { i: (value as number[]).map(String) } };
}
