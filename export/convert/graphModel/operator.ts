import { z } from 'zod';
import type { Dimension, ElementType, Value } from '../../onnx/value.ts';
import type { Nodes } from '../nodes.ts';
import { schemaProblem } from '../schemaProblem.ts';
import { sameOrderAs, type Tensor } from '../tensor.ts';
import type { GraphNode } from './graphDef.ts';

/** An operator that cannot be converted as it stands, and why. */
export class OperatorProblem extends Error {}

/** One node of a frozen graph, about to become nodes of ONNX. */
export interface OperatorCall<Attributes> {
  attributes: Attributes;
  /** The first of `inputs`. */
  input: Tensor;
  inputs: Tensor[];
  nodes: Nodes;
  /**
   * The numbers of an input that decides about shapes.
   *
   * @throws {OperatorProblem} where only a run knows them.
   */
  numbers(index: number, what: string): number[];
  /** The same where they are known, else null. */
  numbersOrNull(index: number): number[] | null;
  /** What is known of a list of sizes; null: nothing. */
  sizes(index: number): Dimension[] | null;
  /** Tells people of what differs. */
  warn(message: string): void;
}

export interface OperatorConverter {
  /** Takes complex numbers. */
  complex: boolean;
  /** Takes rows that were flattened in another order than TensorFlow's. */
  flattened: boolean;
  /** @returns why the node cannot be converted as it is set, or null. */
  problem(node: GraphNode): string | null;
  convert(call: OperatorCall<unknown>, node: GraphNode): Tensor | Tensor[];
}

/**
 * Says how one of TensorFlow's operators becomes ONNX nodes.
 *
 * @param attributes those that change the result, with the defaults that tfjs has; others are not looked at.
 */
export function defineOperator<Attributes = object>({
  attributes: schema = z.object({}) as unknown as z.ZodType<Attributes>,
  complex = false,
  flattened = false,
  convert,
}: {
  attributes?: z.ZodType<Attributes>;
  complex?: boolean;
  flattened?: boolean;
  convert: (call: OperatorCall<Attributes>) => Tensor | Tensor[];
}): OperatorConverter {
  return {
    complex,
    flattened,
    problem: ({ attributes }) => schemaProblem(schema, attributes),
    convert: (call, node) => convert({ ...call, attributes: schema.parse(node.attributes) }),
  };
}

/** Whole numbers and truth values as float32: what tfjs computes them as in functions of real numbers. */
export function floats(nodes: Nodes, inputs: Tensor[]): Tensor[] {
  return inputs.map((input) => nodes.float(input));
}

/** One type for all, as tfjs' `makeTypesMatch`: float32 where any is, else int32 where any is. */
export function ofOneType(nodes: Nodes, inputs: Tensor[]): Tensor[] {
  const types = new Set(inputs.map(({ value }) => value.type));
  if (types.size === 1) return inputs;
  return types.has('float32') ? floats(nodes, inputs) : inputs.map((input) => withType(nodes, input, 'int32'));
}

export function withType(nodes: Nodes, tensor: Tensor, type: ElementType): Tensor {
  if (tensor.value.type === type) return tensor;
  return type === 'float32' ? nodes.float(tensor) : sameOrderAs(tensor, nodes.cast(tensor.value, type));
}

/** A list of sizes or places for ONNX, which has them in int64; constant where it is known. */
export function asIntegers({ nodes, inputs, numbersOrNull }: OperatorCall<unknown>, index: number): Value {
  const known = numbersOrNull(index);
  return known ? nodes.integers(...known) : nodes.cast(nodes.plain(inputs[index] as Tensor), 'int64');
}
