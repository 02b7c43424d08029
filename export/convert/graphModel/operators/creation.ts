import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import { plain, shapeOf, type Tensor } from '../../tensor.ts';
import { elementType } from '../attributes.ts';
import {
  asIntegers,
  defineOperator,
  type OperatorCall,
  type OperatorConverter,
  OperatorProblem,
  ofOneType,
} from '../operator.ts';
import { shapeValue } from './shapes.ts';

// Operators that make numbers.

const fill = defineOperator({
  convert: (call) => plain(call.nodes.op('Expand', [call.nodes.plain(call.inputs[1] as Tensor), asIntegers(call, 0)])),
});

function constantOf({ nodes }: OperatorCall<unknown>, type: Value['type'], value: number): Value {
  if (type === 'float32') return nodes.scalar(value);
  if (type === 'bool') return nodes.constant('value', Uint8Array.of(value), [], 'bool');
  return nodes.constant('value', Int32Array.of(value), []);
}

const like = (value: number) =>
  defineOperator({
    convert: (call) => {
      const { nodes, input } = call;
      const sizes = nodes.cast(shapeValue(nodes, input), 'int64');
      return plain(nodes.op('Expand', [constantOf(call, input.value.type, value), sizes]));
    },
  });

const allOf = (value: number) =>
  defineOperator({
    attributes: z.object({ T: elementType.optional() }),
    convert: (call) =>
      plain(call.nodes.op('Expand', [constantOf(call, call.attributes.T ?? 'float32', value), asIntegers(call, 0)])),
  });

const range = defineOperator({
  convert: ({ nodes, inputs }) =>
    plain(
      nodes.op(
        'Range',
        ofOneType(nodes, inputs).map((input) => nodes.plain(input)),
      ),
    ),
});

const linSpace = defineOperator({
  convert: ({ nodes, numbers }) => {
    const [start] = numbers(0, 'the first number') as [number];
    const [stop] = numbers(1, 'the last number') as [number];
    const [count] = numbers(2, 'how many numbers it makes') as [number];
    const step = count > 1 ? (stop - start) / (count - 1) : 0;
    const data = Float32Array.from({ length: count }, (_, i) => start + i * step);
    return plain(nodes.constant('numbers', data, [count]));
  },
});

/** Indices that are none of the classes give a row without any: ONNX' own operator would count them from the end. */
const oneHot = defineOperator({
  attributes: z.object({ axis: z.literal(-1).default(-1), T: elementType.default('float32') }),
  convert: (call) => {
    const { nodes, inputs, numbers } = call;
    const [depth] = numbers(1, 'how many classes there are') as [number];
    const [on] = numbers(2, 'what stands for yes') as [number];
    const [off] = numbers(3, 'what stands for no') as [number];
    const indices = inputs[0] as Tensor;
    if (indices.input) indices.input.below = Math.min(indices.input.below ?? Number.POSITIVE_INFINITY, depth);
    const column = nodes.op('Unsqueeze', [nodes.cast(nodes.plain(indices), 'int32'), nodes.integers(-1)]);
    const classes = nodes.constant(
      'classes',
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
    );
    const { T: type } = call.attributes;
    const isIt = nodes.op('Equal', [column, classes]);
    return plain(nodes.op('Where', [isIt, constantOf(call, type, on), constantOf(call, type, off)]));
  },
});

/** Which sizes two shapes have together. */
const broadcastArgs = defineOperator({
  convert: ({ nodes, inputs, numbers }) => {
    const [a, b] = [numbers(0, 'the first shape'), numbers(1, 'the second shape')];
    const rank = Math.max(a.length, b.length);
    const sizes = Array.from({ length: rank }, (_, i) => {
      const [x = 1, y = 1] = [a.at(i - rank), b.at(i - rank)];
      return x === 1 ? y : x;
    });
    if (inputs.some((input) => shapeOf(input).length !== 1))
      throw new OperatorProblem('its inputs are no lists of sizes');
    return plain(nodes.constant('sizes', Int32Array.from(sizes), [rank]));
  },
});

export const creation: Record<string, OperatorConverter> = {
  BroadcastArgs: broadcastArgs,
  Fill: fill,
  LinSpace: linSpace,
  OneHot: oneHot,
  Ones: allOf(1),
  OnesLike: like(1),
  Range: range,
  Zeros: allOf(0),
  ZerosLike: like(0),
};
