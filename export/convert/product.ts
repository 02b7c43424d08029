import type { Value } from '../onnx/value.ts';
import type { Nodes } from './nodes.ts';
import { axisIn, inOrder, permute, plain, rankOf, type Tensor } from './tensor.ts';

/** Known numbers that a tensor's last axis is multiplied by, `[size, units]` row-major. */
export interface Matrix {
  size: number;
  units: number;
  numbers: () => Float32Array;
  /** What is made of the numbers, as a constant of the graph: once for each part. */
  constant(part: string, make: () => { data: Float32Array; shape: number[] }): Value;
}

/**
 * The product of a tensor's last axis and a matrix of known numbers, in the order that the tensor stands in.
 *
 * @param bias none, or one `[units]`.
 */
export function multiplyLast(nodes: Nodes, input: Tensor, matrix: Matrix, bias: Value[]): Tensor {
  const { size, units, numbers } = matrix;
  if (input.flattened) {
    // The matrix' rows stand in the order in which the numbers were flattened: that moves the weights once instead of the numbers each run.
    const { shape, order } = input.flattened;
    const rows = shape.slice(1) as number[];
    const moved = matrix.constant(`kernel/${order.join('')}/${rows.join('x')}`, () => ({
      data: permute(numbers(), [...rows, units], [...order.slice(1).map((axis) => axis - 1), rows.length]),
      shape: [size, units],
    }));
    return plain(nodes.op('Gemm', [input.value, moved, ...bias]));
  }
  const rank = rankOf(input);
  if (rank > 2 && axisIn(input, -1) === 1) {
    // Channels stand before pixels: a convolution of size 1 leaves them there.
    const ones = Array<number>(rank - 2).fill(1);
    const kernel = matrix.constant(`kernel/pointwise/${rank - 2}`, () => ({
      data: permute(numbers(), [size, units], [1, 0]),
      shape: [units, size, ...ones],
    }));
    return inOrder(nodes.op('Conv', [input.value, kernel, ...bias], { kernel_shape: ones }), input.order);
  }
  const whole = matrix.constant('kernel', () => ({ data: numbers(), shape: [size, units] }));
  if (rank === 2) return plain(nodes.op('Gemm', [nodes.plain(input), whole, ...bias]));
  const last = axisIn(input, -1) === rank - 1;
  const [value, order] = last ? [input.value, input.order] : [nodes.plain(input), plain(input.value).order];
  const product: Value = nodes.op('MatMul', [value, whole]);
  return inOrder(bias.length > 0 ? nodes.op('Add', [product, bias[0] as Value]) : product, order);
}
