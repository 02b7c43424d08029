import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import { type Matrix, multiplyLast } from '../../product.ts';
import { axisIn, inOrder, permute, plain, rankOf, sameOrderAs, shapeOf, type Tensor } from '../../tensor.ts';
import { together } from '../axes.ts';
import {
  defineOperator,
  floats,
  type OperatorCall,
  type OperatorConverter,
  OperatorProblem,
  ofOneType,
} from '../operator.ts';
import { biasOf, fused, fusedActivation, fusedParts } from './convolution.ts';

interface Sides {
  /** Which of the two has its last two axes exchanged. */
  a: boolean;
  b: boolean;
}

function multiply({ nodes, inputs }: OperatorCall<unknown>, turned: Sides, bias?: Tensor): Tensor {
  const [a, b] = floats(nodes, inputs) as [Tensor, Tensor];
  const weights = rankOf(b) === 2 && !b.flattened ? nodes.plain(b) : null;
  const numbers = weights && (nodes.graph.constantData(weights) as Float32Array | undefined);
  if (numbers && !turned.a) {
    const shape = shapeOf(b) as [number, number];
    const [size, units] = turned.b ? [shape[1], shape[0]] : shape;
    const matrix: Matrix = {
      size,
      units,
      numbers: () => (turned.b ? permute(numbers, shape, [1, 0]) : numbers),
      constant: (part, make) =>
        part === 'kernel' && !turned.b
          ? weights
          : nodes.once(weights, `${part} ${turned.b}`, () => {
              const { data, shape } = make();
              return nodes.graph.constant(weights.name, data, shape);
            }),
    };
    const inside = bias && biasOf(nodes, bias, matrix.units);
    const product = multiplyLast(nodes, a, matrix, inside ? [inside] : []);
    return bias && !inside ? added(nodes, product, bias) : product;
  }
  const [left, right] = [a, b].map((one) => (one.flattened ? plain(nodes.plain(one)) : one)) as [Tensor, Tensor];
  const value = nodes.op('MatMul', [side(nodes, left, turned.a), side(nodes, right, turned.b)]);
  return bias ? added(nodes, plain(value), bias) : plain(value);
}

function side(nodes: OperatorCall<unknown>['nodes'], tensor: Tensor, turn: boolean): Value {
  if (!turn) return nodes.plain(tensor);
  const rank = rankOf(tensor);
  const axes = shapeOf(tensor).map((_, axis) => axis);
  return nodes.arrange(tensor, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

function added(nodes: OperatorCall<unknown>['nodes'], tensor: Tensor, bias: Tensor): Tensor {
  const { values, order } = together(nodes, [tensor, nodes.float(bias)]);
  return inOrder(nodes.op('Add', values), order);
}

const flag = z.boolean().default(false);

const matMul = defineOperator({
  attributes: z.object({ transpose_a: flag, transpose_b: flag }),
  flattened: true,
  convert: (call) => multiply(call, { a: call.attributes.transpose_a, b: call.attributes.transpose_b }),
});

const fusedMatMul = defineOperator({
  attributes: z.object({ transpose_a: flag, transpose_b: flag, ...fused }),
  flattened: true,
  convert: (call) => {
    const { bias, activation } = fusedParts(call);
    const product = multiply(call, { a: call.attributes.transpose_a, b: call.attributes.transpose_b }, bias);
    return fusedActivation(call.nodes, product, activation);
  },
});

const batchMatMul = defineOperator({
  attributes: z.object({ adj_x: flag, adj_y: flag }),
  convert: (call) => multiply(call, { a: call.attributes.adj_x, b: call.attributes.adj_y }),
});

const einsum = defineOperator({
  attributes: z.object({
    equation: z
      .string()
      .refine((text) => /^[a-z, ]+->[a-z ]*$/i.test(text), { error: 'Expected letters alone in the equation' }),
  }),
  convert: ({ nodes, inputs, attributes }) =>
    plain(
      nodes.op(
        'Einsum',
        ofOneType(nodes, inputs).map((input) => nodes.plain(input)),
        attributes,
      ),
    ),
});

/** Nothing moves: the axes get other names until an operator needs them in their order. */
const transpose = defineOperator({
  convert: ({ input, inputs, numbers }) => {
    const rank = rankOf(input);
    const perm = inputs.length > 1 ? numbers(1, 'the order of the axes') : [...input.order.keys()].reverse();
    const axes = perm.map((axis) => (axis < 0 ? axis + rank : axis));
    if (axes.toSorted((a, b) => a - b).some((axis, i) => axis !== i) || axes.length !== rank)
      throw new OperatorProblem(`the order of axes [${perm.join(', ')}] does not name each of ${rank} once`);
    return inOrder(
      input.value,
      input.order.map((axis) => axes.indexOf(axis)),
    );
  },
});

/** Keeps what lies near the diagonal. */
const bandPart = defineOperator({
  convert: ({ nodes, input, numbers, warn }) => {
    const [lower] = numbers(1, 'how many diagonals are kept below') as [number];
    const [asked] = numbers(2, 'how many diagonals are kept above') as [number];
    const upper = lower; // matrices.ts of tfjs' op_list names the input twice
    if (asked !== upper)
      warn('tfjs keeps as many diagonals above as below, and so does this file; TensorFlow does not.');
    let value = nodes.plain(input);
    if (lower >= 0) value = nodes.op('Trilu', [value, nodes.integer(-lower)], { upper: 1 });
    if (upper >= 0) value = nodes.op('Trilu', [value, nodes.integer(upper)], { upper: 0 });
    return plain(value);
  },
});

/** Over the last axis. */
function overLast(opType: string): OperatorConverter {
  return defineOperator({
    convert: ({ nodes, input: given }) => {
      const input = nodes.float(given);
      return sameOrderAs(input, nodes.op(opType, [input.value], { axis: axisIn(input, -1) }));
    },
  });
}

export const matrices: Record<string, OperatorConverter> = {
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  Einsum: einsum,
  LogSoftmax: overLast('LogSoftmax'),
  MatMul: matMul,
  MatrixBandPart: bandPart,
  Softmax: overLast('Softmax'),
  Transpose: transpose,
  _FusedMatMul: fusedMatMul,
};
