import { type Dimension, type ElementType, shapeText, type Value } from '../value.ts';

/** How an attribute is stored; `graph` is a body that the operator runs. */
export type AttributeKind = 'int' | 'ints' | 'float' | 'floats' | 'string' | 'strings' | 'graph';

/** What follows from a node's inputs and attributes; null: a size that only a run knows. */
export interface Result {
  type: ElementType;
  shape: (Dimension | null)[];
  elements?: Dimension[] | undefined;
}

export interface NodeContext {
  opType: string;
  inputs: (Value | null)[];
  attributes: Attributes;
}

// biome-ignore lint/suspicious/noExplicitAny: an attribute's type is the one that the operator's rule declares
export type Attributes = Record<string, any>;

/** What ONNX says of one operator of opset 17: its attributes, and the types and shapes that it gives. */
export interface OperatorRule {
  attributes?: Record<string, AttributeKind>;
  infer(node: NodeContext): Result[];
}

/** @throws {TypeError} where the node lacks the input: a mistake of the caller's. */
export function inputAt({ opType, inputs }: NodeContext, index: number): Value {
  const value = inputs[index];
  if (value) return value;
  throw new TypeError(`Expected ${opType} with an input ${index} but it has ${inputs.length}.`);
}

/** The first input's type and shape. */
export function likeInput(node: NodeContext): Result[] {
  const { type, shape, elements } = inputAt(node, 0);
  return [{ type, shape, elements }];
}

/** Counts from the end where below 0. */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive >= 0 && positive < rank) return positive;
  throw new TypeError(`Expected an axis of ${rank} dimensions but received ${axis}.`);
}

/** The numbers of an input that has to be known before a run: axes, pads, repeats. */
export function numbersAt(node: NodeContext, index: number): number[] | null {
  const { elements } = inputAt(node, index);
  return elements?.every((element) => typeof element === 'number') ? (elements as number[]) : null;
}

/** NumPy's rule: shapes are aligned at their ends; a size of 1 stretches. */
export function broadcast(shapes: (Dimension | null)[][]): (Dimension | null)[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = shapes
      .map((shape) => shape[i - rank + shape.length])
      .filter((size) => size !== undefined && size !== 1) as (Dimension | null)[];
    const [first = 1] = sizes;
    if (sizes.every((size) => size === first)) return first;
    const known = [...new Set(sizes.filter((size) => typeof size === 'number'))];
    if (known.length > 1) {
      throw new TypeError(`Expected shapes that broadcast but received ${shapes.map(shapeText).join(' and ')}.`);
    }
    return known[0] ?? null; // a size that a run chooses must be the known one, or 1
  });
}

/** The product, where all are numbers. */
export function product(sizes: readonly (Dimension | null)[]): number | null {
  return sizes.reduce<number | null>((all, size) => (all !== null && typeof size === 'number' ? all * size : null), 1);
}
