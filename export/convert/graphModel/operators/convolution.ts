import { z } from 'zod';
import type { Value } from '../../../onnx/value.ts';
import { activate } from '../../activations.ts';
import type { Nodes } from '../../nodes.ts';
import { inOrder, rankOf, shapeOf, type Tensor } from '../../tensor.ts';
import {
  type DataFormat,
  fromChannelsFirst,
  overWindow,
  placeTransposed,
  toChannelsFirst,
  type WindowOptions,
} from '../../window.ts';
import { together } from '../axes.ts';
import { defineOperator, floats, type OperatorCall, type OperatorConverter, OperatorProblem } from '../operator.ts';

const padding = z.enum(['SAME', 'VALID', 'EXPLICIT']);
const whole = z.number().int();

/** One number for each dimension, of which those of batch and channels are 1. */
const perDimension = z.array(whole.positive());

const format = z
  .enum(['NHWC', 'NCHW', 'NDHWC', 'NWC'])
  .default('NHWC')
  .transform((value): DataFormat => (value === 'NCHW' ? 'channels_first' : 'channels_last'));

const convolving = {
  strides: perDimension,
  padding,
  data_format: format,
  dilations: z
    .array(whole.positive())
    .optional()
    .transform((value) => (value?.length ? value : null)),
  explicit_paddings: z.array(whole.nonnegative()).default([]),
};

interface Convolving {
  strides: number[];
  padding: z.infer<typeof padding>;
  data_format: DataFormat;
  dilations: number[] | null;
  explicit_paddings: number[];
}

export interface Fused {
  fused_ops: string[];
  leakyrelu_alpha: number;
}

const activations = ['Relu', 'Relu6', 'Elu', 'Sigmoid', 'Prelu', 'LeakyRelu'];

/** What the converter of tfjs joins to a product: a bias, then an activation. */
export const fused = {
  fused_ops: z
    .array(z.enum(['BiasAdd', ...activations]))
    .default([])
    .refine((names) => names.length < 3 && names.slice(1).every((name) => name !== 'BiasAdd'), {
      error: 'Expected a bias, an activation or both',
    }),
  leakyrelu_alpha: z.number().default(0.2),
};

/** The numbers along rows and columns (and depth), without batch and channels. */
function spatial(list: number[], { data_format }: Pick<Convolving, 'data_format'>): number[] {
  return data_format === 'channels_first' ? list.slice(2) : list.slice(1, -1);
}

function windowOf(attributes: Convolving, size: number[]): WindowOptions {
  const { padding, explicit_paddings: list, dilations, strides } = attributes;
  const pairs = list.flatMap((before, i) => (i % 2 === 0 ? [[before, list[i + 1] as number] as [number, number]] : []));
  const around = attributes.data_format === 'channels_first' ? pairs.slice(2) : pairs.slice(1, -1);
  return {
    size,
    strides: spatial(strides, attributes),
    ...(dilations && { dilations: spatial(dilations, attributes) }),
    padding: padding === 'EXPLICIT' ? around : padding === 'SAME' ? 'same' : 'valid',
  };
}

/** The sizes of a kernel, which a file that tfjs runs always has. */
function kernelShape(kernel: Tensor): number[] {
  const shape = shapeOf(kernel);
  if (shape.every((size) => typeof size === 'number')) return shape as number[];
  throw new OperatorProblem('the sizes of its kernel are known to a run alone');
}

function convolve(call: OperatorCall<Convolving>, kind: 'whole' | 'depthwise', bias: Value[] = []): Tensor {
  const { nodes, attributes } = call;
  const [input, kernel] = floats(nodes, call.inputs) as [Tensor, Tensor];
  const shape = kernelShape(kernel);
  const rank = shape.length - 2;
  if (rankOf(input) !== shape.length)
    throw new OperatorProblem(`it takes ${shape.length} dimensions but its input has [${shapeOf(input).join(', ')}]`);
  const x = toChannelsFirst(nodes, input, attributes.data_format);
  const size = shape.slice(0, rank);
  const [before, after] = shape.slice(rank) as [number, number];
  const places = size.map((_, i) => i);
  // [...size, in, out] → [out, in, ...size]; depthwise [...size, channels, multiplier] → [channels × multiplier, 1, ...size]
  const weights =
    kind === 'whole'
      ? nodes.arrange(kernel, [rank + 1, rank, ...places])
      : nodes.reshape(nodes.arrange(kernel, [rank, rank + 1, ...places]), [before * after, 1, ...size], 'kernel');
  const channels = x.shape[1];
  const group = kind === 'depthwise' ? before : typeof channels === 'number' ? channels / before : 1;
  const window = overWindow(nodes, x, windowOf(attributes, size));
  const value = nodes.op('Conv', [window.x, weights, ...bias], { ...window.attributes, ...(group > 1 && { group }) });
  return fromChannelsFirst(value, attributes.data_format);
}

/** One number for each channel that a product gives. */
export function biasOf(nodes: Nodes, bias: Tensor, units: number): Value | null {
  const shape = shapeOf(bias);
  const flat = shape.every((size, axis) => axis === shape.length - 1 || size === 1) && shape.at(-1) === units;
  return flat ? nodes.reshape(nodes.plain(nodes.float(bias)), [units], 'bias') : null;
}

export function fusedActivation(
  nodes: Nodes,
  tensor: Tensor,
  { name, slopes, alpha }: { name: string | undefined; slopes: Tensor | undefined; alpha: number },
): Tensor {
  if (!name) return tensor;
  if (name === 'LeakyRelu') return inOrder(nodes.op('LeakyRelu', [tensor.value], { alpha }), tensor.order);
  if (name !== 'Prelu') return activate(nodes, tensor, name.toLowerCase());
  if (!slopes) throw new OperatorProblem('it lacks the slopes of its PReLU');
  const { values, order } = together(nodes, [tensor, slopes]);
  return inOrder(nodes.op('PRelu', values), order);
}

/** What is fused with a product, of the inputs behind the first two. */
export function fusedParts({ attributes, inputs }: OperatorCall<Fused>): {
  bias: Tensor | undefined;
  activation: { name: string | undefined; slopes: Tensor | undefined; alpha: number };
} {
  const { fused_ops: names, leakyrelu_alpha: alpha } = attributes;
  const hasBias = names[0] === 'BiasAdd';
  const bias = hasBias ? inputs[2] : undefined;
  if (hasBias && !bias) throw new OperatorProblem('it lacks its bias');
  return { bias, activation: { name: names[hasBias ? 1 : 0], slopes: inputs[hasBias ? 3 : 2], alpha } };
}

function fusedConvolution(kind: 'whole' | 'depthwise'): OperatorConverter {
  return defineOperator({
    attributes: z.object({ ...convolving, ...fused }),
    convert: (call) => {
      const { nodes, inputs } = call;
      const { bias, activation } = fusedParts(call);
      const kernel = kernelShape(inputs[1] as Tensor);
      const [before, after] = kernel.slice(-2) as [number, number];
      const inside = bias && biasOf(nodes, bias, kind === 'whole' ? after : before * after);
      let result = convolve(call, kind, inside ? [inside] : []);
      if (bias && !inside) {
        const { values, order } = together(nodes, [result, bias]);
        result = inOrder(nodes.op('Add', values), order);
      }
      return fusedActivation(nodes, result, activation);
    },
  });
}

function plainConvolution(kind: 'whole' | 'depthwise'): OperatorConverter {
  return defineOperator({ attributes: z.object(convolving), convert: (call) => convolve(call, kind) });
}

/** The inputs are the sizes of the result, the kernel `[...size, out, in]`, and what is convolved. */
const transposed = defineOperator({
  attributes: z.object({
    strides: perDimension,
    padding,
    data_format: z.enum(['NHWC']).default('NHWC'),
    dilations: z.array(z.literal(1)).optional(),
    explicit_paddings: z.array(whole).default([]),
  }),
  convert: ({ nodes, attributes, inputs, sizes }) => {
    if (attributes.padding === 'EXPLICIT') throw new OperatorProblem('its padding is given side by side');
    const [, kernel, input] = floats(nodes, inputs) as [Tensor, Tensor, Tensor];
    const [rows, columns] = kernelShape(kernel);
    const size = [rows as number, columns as number];
    const strides = attributes.strides.slice(1, -1);
    const x = toChannelsFirst(nodes, input, 'channels_last');
    const asked = sizes(0)?.slice(1, -1);
    const over = size.map((length, i) => {
      const [from, to, stride] = [x.shape[i + 2], asked?.[i], strides[i] as number];
      if (typeof from === 'number' && typeof to === 'number') return (from - 1) * stride + length - to;
      // The size that Keras asks for.
      return attributes.padding === 'SAME' ? length - stride : Math.min(length - stride, 0);
    });
    // [...size, out, in] → [in, out, ...size]
    const weights = nodes.arrange(kernel, [3, 2, 0, 1]);
    const value = nodes.op('ConvTranspose', [x, weights], placeTransposed(over, { size, strides }));
    return fromChannelsFirst(value, 'channels_last');
  },
});

/** TensorFlow leaves padding out of maximum and mean; so does ONNX unless asked to count it. */
function pooling(opType: 'MaxPool' | 'AveragePool'): OperatorConverter {
  return defineOperator({
    attributes: z.object({
      ksize: perDimension,
      strides: perDimension,
      padding: z.enum(['SAME', 'VALID']),
      data_format: z.enum(['NHWC', 'NDHWC']).default('NHWC'),
    }),
    convert: ({ nodes, input, attributes }) => {
      const x = toChannelsFirst(nodes, nodes.float(input), 'channels_last');
      const window = overWindow(nodes, x, {
        size: attributes.ksize.slice(1, -1),
        strides: attributes.strides.slice(1, -1),
        padding: attributes.padding === 'SAME' ? 'same' : 'valid',
      });
      return fromChannelsFirst(nodes.op(opType, [window.x], window.attributes), 'channels_last');
    },
  });
}

/** With what was learnt in training, as tfjs does whatever `is_training` says. */
const batchNormalization = defineOperator({
  attributes: z.object({ epsilon: z.number().default(0.001), data_format: format }),
  convert: ({ nodes, inputs, attributes }) => {
    const [input, ...statistics] = floats(nodes, inputs) as [Tensor, ...Tensor[]];
    const x = toChannelsFirst(nodes, input, attributes.data_format);
    const constants = statistics.slice(0, 4).map((one) => nodes.plain(one));
    const value = nodes.op('BatchNormalization', [x, ...constants], { epsilon: attributes.epsilon });
    return fromChannelsFirst(value, attributes.data_format);
  },
});

/** ONNX divides alpha by how many channels it looks at. */
const localResponse = defineOperator({
  attributes: z.object({
    depth_radius: z.number().default(5),
    bias: z.number().default(1),
    alpha: z.number().default(1),
    beta: z.number().default(0.5),
  }),
  convert: ({ nodes, input, attributes: { depth_radius, bias, alpha, beta } }) => {
    const size = 2 * depth_radius + 1;
    const x = toChannelsFirst(nodes, nodes.float(input), 'channels_last');
    return fromChannelsFirst(nodes.op('LRN', [x], { size, bias, alpha: alpha * size, beta }), 'channels_last');
  },
});

export const convolutions: Record<string, OperatorConverter> = {
  AvgPool: pooling('AveragePool'),
  AvgPool3D: pooling('AveragePool'),
  Conv2D: plainConvolution('whole'),
  Conv2DBackpropInput: transposed,
  Conv3D: plainConvolution('whole'),
  DepthwiseConv2d: plainConvolution('depthwise'),
  DepthwiseConv2dNative: plainConvolution('depthwise'),
  FusedBatchNorm: batchNormalization,
  FusedBatchNormV2: batchNormalization,
  FusedBatchNormV3: batchNormalization,
  FusedDepthwiseConv2dNative: fusedConvolution('depthwise'),
  LRN: localResponse,
  MaxPool: pooling('MaxPool'),
  MaxPool3D: pooling('MaxPool'),
  _FusedConv2D: fusedConvolution('whole'),
};
