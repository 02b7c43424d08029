import { z } from 'zod';
import type { Value } from '../../onnx/value.ts';
import { defineLayer, knownSize, type LayerCall } from '../layer.ts';
import { flag } from '../settings.ts';
import { axisIn, inOrder, permute, plain, rankOf, shapeOf, type Tensor } from '../tensor.ts';
import { activate, activationSchema } from './activations.ts';

const config = z.object({ units: z.number().int().positive(), use_bias: flag(true), activation: activationSchema });
type Config = z.infer<typeof config>;

export const dense = defineLayer({
  config,
  masking: 'passes',
  convert: (call) => activate(call.nodes, multiply(call), call.config.activation),
});

function multiply(call: LayerCall<Config>): Tensor {
  const { nodes, config, weights, input } = call;
  const size = knownSize(shapeOf(input).at(-1), 'how many numbers its input has', call);
  const { units } = config;
  const kernel = () => weights.get('kernel', [size, units]).data;
  const bias = config.use_bias
    ? [weights.constant('bias', () => ({ data: weights.get('bias', [units]).data, shape: [units] }))]
    : [];
  if (input.flattened) {
    // The kernel's rows stand in the order in which the numbers were flattened: that moves the weights once instead of the numbers each run.
    const { shape, order } = input.flattened;
    const rows = shape.slice(1) as number[];
    const matrix = weights.constant(`kernel/${order.join('')}`, () => ({
      data: permute(kernel(), [...rows, units], [...order.slice(1).map((axis) => axis - 1), rows.length]),
      shape: [size, units],
    }));
    return plain(nodes.op('Gemm', [input.value, matrix, ...bias]));
  }
  const rank = rankOf(input);
  if (rank > 2 && axisIn(input, -1) === 1) {
    // Channels stand before pixels: a convolution of size 1 leaves them there.
    const ones = Array<number>(rank - 2).fill(1);
    const matrix = weights.constant('kernel/pointwise', () => ({
      data: permute(kernel(), [size, units], [1, 0]),
      shape: [units, size, ...ones],
    }));
    return inOrder(nodes.op('Conv', [input.value, matrix, ...bias], { kernel_shape: ones }), input.order);
  }
  const matrix = weights.constant('kernel', () => ({ data: kernel(), shape: [size, units] }));
  if (rank === 2) return plain(nodes.op('Gemm', [nodes.plain(input), matrix, ...bias]));
  const last = axisIn(input, -1) === rank - 1;
  const [value, order] = last ? [input.value, input.order] : [nodes.plain(input), plain(input.value).order];
  const product: Value = nodes.op('MatMul', [value, matrix]);
  return inOrder(bias.length > 0 ? nodes.op('Add', [product, bias[0] as Value]) : product, order);
}
