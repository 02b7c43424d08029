import { elementCount } from '#core/elementCount.ts';
import type { ConstantData, Dimension, ElementType, GraphBuilder, Value } from '../onnx/graph.ts';
import type { Attributes, Result } from '../onnx/operators/rule.ts';
import { elementTypes, sameShape } from '../onnx/value.ts';
import { fold } from './fold.ts';
import { plain, sameOrder, type Tensor } from './tensor.ts';

/** Adds nodes under a layer's name. */
export class Nodes {
  readonly graph: GraphBuilder;
  /** Before the names of all that is added. */
  readonly name: string;
  readonly #shared: Shared;

  constructor(graph: GraphBuilder, name: string, shared: Shared) {
    this.graph = graph;
    this.name = name;
    this.#shared = shared;
  }

  /** The same, for one part of a layer. */
  under(part: string): Nodes {
    return new Nodes(this.graph, `${this.name}/${part}`, this.#shared);
  }

  /** The same, adding to the body of a loop. */
  in(body: GraphBuilder): Nodes {
    return new Nodes(body, this.name, { ...this.#shared, arranged: new Map(), floats: new Map(), made: new Map() });
  }

  /**
   * A node; where its result is known before any run, a constant instead.
   *
   * @param part of the layer that the node is, for its name; default the operator.
   */
  op(opType: string, inputs: (Value | null)[], attributes: Attributes = {}, part = opType): Value {
    const folded = fold(opType, inputs, { attributes, dataOf: (value) => this.graph.constantData(value) });
    if (folded) {
      const { data, shape, type, of } = folded;
      if (!of) return this.constant(part, data, shape, type);
      return this.once(of, `${opType} ${shape} ${attributes.perm}`, () =>
        this.graph.constant(of.name, data, shape, type),
      );
    }
    return this.graph.node(opType, { name: `${this.name}/${part}`, inputs, attributes });
  }

  /** For operators of several results, and those that are not known here. */
  ops(
    opType: string,
    inputs: (Value | null)[],
    attributes: Attributes,
    part = opType,
    results?: Result[],
    domain = '',
  ): Value[] {
    return this.graph.nodes(opType, {
      name: `${this.name}/${part}`,
      inputs,
      attributes,
      ...(results && { results }),
      ...(domain && { domain }),
    });
  }

  constant(part: string, data: ConstantData, shape: number[], type?: ElementType): Value {
    return this.graph.constant(`${this.name}/${part}`, data, shape, type);
  }

  scalar(value: number): Value {
    return this.#small(`${value}`, () => this.#shared.constants.scalar(`scalar/${value}`, value));
  }

  integers(...numbers: number[]): Value {
    const text = numbers.join(',');
    return this.#small(`[${text}]`, () => this.#shared.constants.integers(`integers/${text}`, numbers));
  }

  /** One whole number without dimensions. */
  integer(number: number): Value {
    return this.#small(`int ${number}`, () =>
      this.#shared.constants.constant(`integer/${number}`, BigInt64Array.of(BigInt(number)), []),
    );
  }

  /** What is made of a constant, which several may ask for. @param key says what. */
  once(of: Value, key: string, make: () => Value): Value {
    const known = this.#shared.made.get(of) ?? new Map<string, Value>();
    this.#shared.made.set(of, known);
    const value = known.get(key) ?? make();
    known.set(key, value);
    return value;
  }

  #small(key: string, make: () => Value): Value {
    const value = this.#shared.small.get(key) ?? make();
    this.#shared.small.set(key, value);
    return value;
  }

  cast(value: Value, to: ElementType): Value {
    return value.type === to ? value : this.op('Cast', [value], { to: elementTypes[to] });
  }

  /** The tensor as float32. */
  float(tensor: Tensor): Tensor {
    const { value, order, flattened } = tensor;
    if (value.type === 'float32') return tensor;
    const float = this.#shared.floats.get(value) ?? this.cast(value, 'float32');
    this.#shared.floats.set(value, float);
    return { value: float, order, ...(flattened && { flattened: { shape: flattened.shape, order: flattened.order } }) };
  }

  /** The tensor's numbers with the axes in the order asked for. Moves them once, however often it is asked. */
  arrange(tensor: Tensor, order: number[]): Value {
    if (tensor.flattened) return this.arrange(plain(this.#unflatten(tensor)), order);
    if (sameOrder(tensor.order, order)) return tensor.value;
    const perm = order.map((axis) => tensor.order.indexOf(axis));
    const known = this.#shared.arranged.get(tensor.value)?.get(perm.join());
    if (known) return known;
    const moved = this.#move(tensor.value, perm);
    this.#remember(tensor.value, perm, moved);
    this.#remember(
      moved,
      perm.map((_, axis) => perm.indexOf(axis)),
      tensor.value,
    );
    return moved;
  }

  #remember(from: Value, perm: number[], to: Value): void {
    const known = this.#shared.arranged.get(from) ?? new Map<string, Value>();
    known.set(perm.join(), to);
    this.#shared.arranged.set(from, known);
  }

  #move(value: Value, perm: number[]): Value {
    const wide = (axes: number[]) => axes.filter((axis) => value.shape[axis] !== 1);
    const shape = perm.map((axis) => value.shape[axis] as Dimension);
    const stays = wide(perm).every((axis, i, all) => i === 0 || axis > (all[i - 1] as number));
    // Where only sizes of 1 move, the numbers stay as they are.
    if (stays) return this.reshape(value, shape);
    return this.op('Transpose', [value], { perm });
  }

  /** In Keras' order. */
  plain(tensor: Tensor): Value {
    return this.arrange(
      tensor,
      tensor.order.map((_, axis) => axis).sort((a, b) => a - b),
    );
  }

  #unflatten({ value, flattened }: Tensor): Value {
    const { shape, order, grid } = flattened as NonNullable<Tensor['flattened']>;
    const standing =
      grid ??
      this.reshape(
        value,
        order.map((axis) => shape[axis] as Dimension),
      );
    const kerasOrder = this.arrange(
      { value: standing, order },
      order.map((_, axis) => axis),
    );
    return this.op('Flatten', [kerasOrder]);
  }

  /**
   * The same numbers in another shape.
   *
   * @param shape sizes, or names of those that a run chooses; null: what is left.
   */
  reshape(value: Value, shape: (Dimension | null)[], part = 'Reshape'): Value {
    if (sameShape(value.shape, shape as Dimension[])) return value;
    const unknown = shape.flatMap((size, i) => (typeof size === 'number' ? [] : [i]));
    // 0 copies the size at the same place, and -1 takes what is left.
    const copied = unknown.filter((i) => shape[i] !== null && value.shape[i] === shape[i]);
    const left = unknown.filter((i) => !copied.includes(i));
    if (left.length <= 1) {
      const target = shape.map((size, i) => (typeof size === 'number' ? size : copied.includes(i) ? 0 : -1));
      return this.op('Reshape', [value, this.integers(...target)], {}, part);
    }
    const sizes = this.op('Shape', [value]);
    const parts = shape.map((size) => {
      if (typeof size === 'number') return this.integers(size);
      const at = size === null ? -1 : value.shape.indexOf(size);
      return at < 0
        ? this.integers(-1)
        : this.op('Slice', [sizes, this.integers(at), this.integers(at + 1)], {}, 'size');
    });
    return this.op('Reshape', [value, this.op('Concat', parts, { axis: 0 }, 'shape')], {}, part);
  }

  /** Zeros as many as a run has samples: `[B, …sizes]`; `like` has the batch at `axis`. */
  zeros(like: Value, axis: number, sizes: Dimension[]): Value {
    const batch = like.shape[axis] as Dimension;
    const known = [batch, ...sizes];
    if (known.every((size) => typeof size === 'number')) {
      const count = elementCount(known as number[]);
      return this.constant('zeros', new Float32Array(count), known as number[]);
    }
    const shape = this.op('Shape', [like]);
    const parts = known.map((size) => {
      if (typeof size === 'number') return this.integers(size);
      const at = size === batch ? axis : like.shape.indexOf(size);
      return this.op('Slice', [shape, this.integers(at), this.integers(at + 1)], {}, 'size');
    });
    return this.op('ConstantOfShape', [this.op('Concat', parts, { axis: 0 }, 'state_shape')], {}, 'zeros');
  }
}

/** What the nodes of a whole graph share. */
export interface Shared {
  /** Where constants go: the outermost graph, for bodies see it too. */
  constants: GraphBuilder;
  /** Small constants by what they hold. */
  small: Map<string, Value>;
  /** Values in other orders of their axes, by value and permutation. */
  arranged: Map<Value, Map<string, Value>>;
  /** Whole numbers as float32. */
  floats: Map<Value, Value>;
  /** What was made of constants, by what it is. */
  made: Map<Value, Map<string, Value>>;
}

export function sharedBy(graph: GraphBuilder): Shared {
  return { constants: graph, small: new Map(), arranged: new Map(), floats: new Map(), made: new Map() };
}
