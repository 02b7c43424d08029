import { z } from 'zod';
import type { Value } from '../../onnx/value.ts';
import { type Activation, activate, activationSchema } from '../activations.ts';
import { LayerProblem } from '../keras/problem.ts';
import { defineLayer, expectRank, knownSize, type LayerCall, type LayerConverter } from '../layer.ts';
import { dataFormat, flag, numberOr, padding, padding1d, perDirection } from '../settings.ts';
import { permute, type Tensor } from '../tensor.ts';
import {
  fromChannelsFirst,
  overWindow,
  placeTransposed,
  placeWindow,
  refuseEmpty,
  skippedNote,
  toChannelsFirst,
} from '../window.ts';

const common = (rank: number) => ({
  kernel_size: perDirection(rank),
  strides: perDirection(rank, 1),
  dilation_rate: perDirection(rank, 1),
  data_format: dataFormat,
  use_bias: flag(true),
  activation: activationSchema,
});

interface Common {
  kernel_size: number[];
  strides: number[];
  dilation_rate: number[];
  padding: 'valid' | 'same' | 'causal';
  data_format: 'channels_last' | 'channels_first';
  use_bias: boolean;
  activation: Activation;
}

/** Keras' `[…size, in, out]` → ONNX's `[out, in, …size]`. */
function kernelOrder(rank: number): number[] {
  return [rank + 1, rank, ...Array.from({ length: rank }, (_, i) => i)];
}

function bias(call: LayerCall<Common>, outputs: number): Value[] {
  if (!call.config.use_bias) return [];
  return [call.weights.constant('bias', () => ({ data: call.weights.get('bias', [outputs]).data, shape: [outputs] }))];
}

function finish(call: LayerCall<Common>, value: Value): Tensor {
  refuseEmpty(value, call);
  const { data_format, activation } = call.config;
  const turned = data_format === 'channels_first' && call.layer.className === 'Conv1D';
  if (turned) call.warn('tfjs gives the channels of a Conv1D last whatever its data_format, and so does this file.');
  return activate(call.nodes, fromChannelsFirst(value, turned ? 'channels_last' : data_format), activation);
}

function channelsOf(value: Value, call: LayerCall<unknown>): number {
  return knownSize(value.shape[1], 'how many channels its input has', call);
}

function convolution(rank: number): LayerConverter {
  return defineLayer({
    config: z.object({
      ...common(rank),
      filters: z.number().int().positive(),
      padding: rank === 1 ? padding1d : padding,
      groups: numberOr(1),
    }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config, weights } = call;
      const { kernel_size: size, filters, groups } = config;
      const x = toChannelsFirst(nodes, input, config.data_format);
      const channels = channelsOf(x, call) / groups;
      const kernel = weights.constant('kernel', () => ({
        data: permute(
          weights.get('kernel', [...size, channels, filters]).data,
          [...size, channels, filters],
          kernelOrder(rank),
        ),
        shape: [filters, channels, ...size],
      }));
      const window = overWindow(nodes, x, {
        size,
        strides: config.strides,
        dilations: config.dilation_rate,
        padding: config.padding,
      });
      if (window.x !== x) call.warn(skippedNote);
      const attributes = { ...window.attributes, ...(groups > 1 && { group: groups }) };
      return finish(call, nodes.op('Conv', [window.x, kernel, ...bias(call, filters)], attributes));
    },
  });
}

export const conv1d = convolution(1);
export const conv2d = convolution(2);
export const conv3d = convolution(3);

function transposed(rank: number): LayerConverter {
  return defineLayer({
    config: z.object({
      ...common(rank),
      filters: z.number().int().positive(),
      padding,
      output_padding: z.union([z.number(), z.array(z.number())]).nullish(),
    }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config, weights } = call;
      const { kernel_size: size, filters, strides } = config;
      if (config.output_padding != null)
        call.warn('tfjs knows no output_padding, and neither does this file; Keras does.');
      if (config.dilation_rate.some((rate) => rate !== 1)) {
        call.warn('tfjs does not dilate a transposed convolution, and neither does this file; Keras does.');
      }
      const x = toChannelsFirst(nodes, input, config.data_format);
      const channels = channelsOf(x, call);
      // Keras' [...size, out, in] → ONNX's [in, out, ...size]
      const kernel = weights.constant('kernel', () => ({
        data: permute(
          weights.get('kernel', [...size, filters, channels]).data,
          [...size, filters, channels],
          kernelOrder(rank),
        ),
        shape: [channels, filters, ...size],
      }));
      // tfjs' deconvLength: "same" gives input × stride, "valid" as much as the kernel reaches beyond that.
      const over = size.map((length, i) => {
        const beyond = length - (strides[i] as number);
        return config.padding === 'same' ? beyond : Math.min(beyond, 0);
      });
      // In three directions, tfjs puts half of what is missing before (see overWindow).
      const shifted = rank === 3 && config.padding === 'same' && over.some((length) => length < 0);
      const missing = over.map((length) => Math.max(-length, 0));
      const reached = shifted ? over.map((length) => Math.max(length, 0)) : over;
      const attributes = placeTransposed(reached, { size, strides });
      if (!shifted) return finish(call, nodes.op('ConvTranspose', [x, kernel, ...bias(call, filters)], attributes));
      const around = [
        0,
        0,
        ...missing.map((length) => Math.ceil(length / 2)),
        0,
        0,
        ...missing.map((length) => Math.floor(length / 2)),
      ];
      const value = nodes.op('Pad', [nodes.op('ConvTranspose', [x, kernel], attributes), nodes.integers(...around)]);
      const [added] = bias(call, filters);
      return finish(call, added ? nodes.op('Add', [value, nodes.reshape(added, [filters, 1, 1, 1])]) : value);
    },
  });
}

export const conv1dTranspose = transposed(1);
export const conv2dTranspose = transposed(2);
export const conv3dTranspose = transposed(3);

/** Keras' `[rows, columns, in, multiplier]` → ONNX's `[in × multiplier, 1, rows, columns]`. */
function depthwiseKernel(call: LayerCall<Common & { depth_multiplier: number }>, channels: number): Value {
  const { config, weights } = call;
  const { kernel_size: size, depth_multiplier: multiplier } = config;
  const rank = size.length;
  const shape = [...size, channels, multiplier];
  return weights.constant('depthwise_kernel', () => ({
    // Keras 3 calls a DepthwiseConv2D's plainly "kernel".
    data: permute(weights.get(weights.has('depthwise_kernel') ? 'depthwise_kernel' : 'kernel', shape).data, shape, [
      rank,
      rank + 1,
      ...size.map((_, i) => i),
    ]),
    shape: [channels * multiplier, 1, ...size],
  }));
}

export const depthwiseConv2d = defineLayer({
  config: z.object({ ...common(2), padding, depth_multiplier: numberOr(1) }),
  convert: (call) => {
    const input = expectRank(call, 4);
    const { nodes, config } = call;
    const x = toChannelsFirst(nodes, input, config.data_format);
    const channels = channelsOf(x, call);
    if (config.dilation_rate.some((rate) => rate !== 1)) {
      call.warn('tfjs does not dilate a depthwise convolution, and neither does this file; Keras does.');
    }
    const window = placeWindow(x.shape.slice(2), {
      size: config.kernel_size,
      strides: config.strides,
      padding: config.padding,
    });
    const inputs = [x, depthwiseKernel(call, channels), ...bias(call, channels * config.depth_multiplier)];
    return finish(call, nodes.op('Conv', inputs, { ...window, group: channels }));
  },
});

function separable(rank: number): LayerConverter {
  return defineLayer({
    config: z.object({ ...common(rank), padding, filters: z.number().int().positive(), depth_multiplier: numberOr(1) }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config, weights } = call;
      const { filters, depth_multiplier: multiplier } = config;
      if (config.data_format === 'channels_first' && config.use_bias) {
        throw new LayerProblem(
          call.name,
          'tfjs adds the bias of a SeparableConv2D of channels_first to the wrong axis',
        );
      }
      const x = toChannelsFirst(nodes, input, config.data_format);
      const channels = channelsOf(x, call);
      const window = placeWindow(x.shape.slice(2), {
        size: config.kernel_size,
        strides: config.strides,
        dilations: config.dilation_rate,
        padding: config.padding,
      });
      const depthwise = nodes.op(
        'Conv',
        [x, depthwiseKernel(call, channels)],
        { ...window, group: channels },
        'depthwise',
      );
      const ones = Array<number>(rank).fill(1);
      const shape = [...ones, channels * multiplier, filters];
      const pointwise = weights.constant('pointwise_kernel', () => ({
        data: permute(weights.get('pointwise_kernel', shape).data, shape, kernelOrder(rank)),
        shape: [filters, channels * multiplier, ...ones],
      }));
      return finish(
        call,
        nodes.op('Conv', [depthwise, pointwise, ...bias(call, filters)], { kernel_shape: ones }, 'pointwise'),
      );
    },
  });
}

export const separableConv1d = separable(1);
export const separableConv2d = separable(2);
