import type { Dimension, Value } from '../onnx/value.ts';
import { shapeText } from '../onnx/value.ts';
import { LayerProblem } from './keras/problem.ts';
import type { LayerCall } from './layer.ts';
import type { Nodes } from './nodes.ts';
import { channelsFirst, inOrder, rankOf, type Tensor } from './tensor.ts';

export type DataFormat = 'channels_last' | 'channels_first';

/** Batch, channels, then pixels, as ONNX's convolutions want them, of a tensor of either of the formats of TensorFlow. */
export function toChannelsFirst(nodes: Nodes, tensor: Tensor, format: DataFormat): Value {
  return nodes.arrange(tensor, orderOf(rankOf(tensor), format));
}

/** What a convolution gave, as a tensor of the format. */
export function fromChannelsFirst(value: Value, format: DataFormat): Tensor {
  return inOrder(value, orderOf(value.shape.length, format));
}

/** Batch, channels, pixels, of a tensor of either format. */
export function orderOf(rank: number, format: DataFormat): number[] {
  return format === 'channels_first' ? Array.from({ length: rank }, (_, axis) => axis) : channelsFirst(rank);
}

/** Which of TensorFlow's axes are pixels, and which the channels. */
export function axesOf(rank: number, format: DataFormat): { spatial: number[]; channels: number } {
  const first = format === 'channels_first' ? 2 : 1;
  return {
    spatial: Array.from({ length: rank - 2 }, (_, i) => first + i),
    channels: format === 'channels_first' ? 1 : rank - 1,
  };
}

export interface WindowOptions {
  size: number[];
  strides: number[];
  dilations?: number[];
  /** Or how many zeros stand before and after, along each direction. */
  padding: 'valid' | 'same' | 'causal' | [number, number][];
}

/**
 * Where a sliding window lands: as TensorFlow does it, "same" gives ceil(input / stride) outputs and pads by what the last of them
 * lacks, the odd pixel after the picture (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2).
 *
 * @param lengths of the input along each direction.
 * @returns ONNX's attributes.
 */
export function placeWindow(
  lengths: Dimension[],
  { size, strides, dilations = size.map(() => 1), padding }: WindowOptions,
): Record<string, unknown> {
  const window = {
    kernel_shape: size,
    strides,
    ...(dilations.some((dilation) => dilation !== 1) && { dilations }),
  };
  const sides = size.map((length, i) => {
    const [input, stride] = [lengths[i], strides[i] as number];
    const reach = (length - 1) * (dilations[i] as number) + 1;
    if (typeof padding !== 'string') return padding[i] as [number, number];
    if (padding === 'valid') return [0, 0];
    if (padding === 'causal') return [reach - 1, 0];
    if (typeof input !== 'number' && stride > 1) return null; // depends on the size of each run
    const pad =
      typeof input === 'number' ? Math.max(0, (Math.ceil(input / stride) - 1) * stride + reach - input) : reach - 1;
    return [Math.floor(pad / 2), Math.ceil(pad / 2)];
  });
  if (sides.includes(null)) return { ...window, auto_pad: 'SAME_UPPER' };
  const pads = [0, 1].flatMap((side) => sides.map((pair) => pair?.[side] as number));
  return { ...window, ...(pads.some((pad) => pad > 0) && { pads }) };
}

/**
 * Where a transposed convolution's window lands.
 *
 * @param over along each direction, how many numbers its windows reach beyond the result, or lack of it where below 0: half of it lies before,
 *   the odd one after.
 * @returns ONNX's attributes.
 */
export function placeTransposed(
  over: number[],
  { size, strides }: Pick<WindowOptions, 'size' | 'strides'>,
): Record<string, unknown> {
  const cut = over.map((length) => Math.max(length, 0));
  const missing = over.map((length) => Math.max(-length, 0));
  const pads = [...cut.map((pad) => Math.floor(pad / 2)), ...cut.map((pad) => Math.ceil(pad / 2))];
  return {
    kernel_shape: size,
    strides,
    ...(pads.some((pad) => pad > 0) && { pads }),
    ...(missing.some((length) => length > 0) && { output_padding: missing }),
  };
}

/**
 * Places a window over a value, and cuts off what TensorFlow.js never looks at: with "same" and strides above the window, its operators of
 * three directions pad by less than nothing (`get3DPadAndOutInfo` of conv_util.ts), and so begin later than those of two.
 */
export function overWindow(
  nodes: Nodes,
  x: Value,
  options: WindowOptions,
): { x: Value; attributes: Record<string, unknown> } {
  const lengths = x.shape.slice(2);
  const cut = lengths.length === 3 && options.padding === 'same' ? skipped(lengths, options) : [];
  if (!cut.some(([before, after]) => before + after > 0)) return { x, attributes: placeWindow(lengths, options) };
  const axes = cut.map((_, i) => i + 2);
  const ends = cut.map(([, after]) => (after > 0 ? -after : 2 ** 31 - 1));
  const starts = cut.map(([before]) => before);
  const inputs = [x, nodes.integers(...starts), nodes.integers(...ends), nodes.integers(...axes)];
  const rest = nodes.op('Slice', inputs, {}, 'looked_at');
  return { x: rest, attributes: placeWindow(rest.shape.slice(2), options) };
}

export const skippedNote =
  'tfjs begins later where strides are above the window in three directions, and so does this file; Keras begins at the edge.';

/** How much "same" leaves out before and after, along each direction whose strides are above the window. */
export function skipped(
  lengths: Dimension[],
  { size, strides, dilations = size.map(() => 1) }: WindowOptions,
): [number, number][] {
  return lengths.map((length, i) => {
    if (typeof length !== 'number') return [0, 0];
    const [stride, reach] = [strides[i] as number, ((size[i] as number) - 1) * (dilations[i] as number) + 1];
    const pad = (Math.ceil(length / stride) - 1) * stride + reach - length;
    return pad < 0 ? [-Math.floor(pad / 2), -Math.ceil(pad / 2)] : [0, 0];
  });
}

/** @throws {LayerProblem} where the window is larger than what it slides over. */
export function refuseEmpty(value: Value, call: LayerCall<unknown>): Value {
  if (value.shape.every((size) => typeof size !== 'number' || size > 0)) return value;
  throw new LayerProblem(call.name, `its window is larger than its input: it would give ${shapeText(value.shape)}`);
}
