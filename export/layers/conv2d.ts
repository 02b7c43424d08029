import { z } from 'zod';
import type { Weight } from '../keras/weights.ts';
import { activationSchema, addActivation } from './activation.ts';
import { defineLayer, imageShape } from './layer.ts';
import { channelsLast, paddingSchema, pairSchema, placeWindow } from './window.ts';

const configSchema = z.object({
  filters: z.number().int(),
  kernel_size: pairSchema,
  strides: pairSchema,
  dilation_rate: pairSchema,
  padding: paddingSchema,
  data_format: channelsLast,
  groups: z.literal(1).optional(),
  use_bias: z.boolean(),
  activation: activationSchema,
});

export const conv2d = defineLayer(configSchema, ({ graph, name, config, input, weight }) => {
  const { channels, height, width } = imageShape(input);
  const { filters, kernel_size: size, strides, dilation_rate: dilations, padding } = config;
  const kernel = channelsFirst(weight('kernel', [...size, channels, filters]));
  const inputs = [input, graph.constant(`${name}/kernel`, kernel, [filters, channels, ...size])];
  if (config.use_bias) inputs.push(graph.constant(`${name}/bias`, weight('bias', [filters]).data, [filters]));
  const { pads, ...output } = placeWindow({ height, width }, { size, strides, dilations, padding });
  const result = graph.node('Conv', {
    name,
    inputs,
    shape: ['batch', filters, output.height, output.width],
    attributes: {
      kernel_shape: { ints: size },
      strides: { ints: strides },
      dilations: { ints: dilations },
      pads: { ints: pads },
    },
  });
  return addActivation(graph, result, config.activation, `${name}/${config.activation}`);
});

/** Keras' `[rows, columns, in, out]` → ONNX's `[out, in, rows, columns]`. */
function channelsFirst({ shape, data }: Weight): Float32Array {
  const [rows, columns, channels, filters] = shape as [number, number, number, number];
  const area = rows * columns;
  const transposed = new Float32Array(data.length);
  for (let position = 0, i = 0; position < area; position++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let filter = 0; filter < filters; filter++) {
        transposed[(filter * channels + channel) * area + position] = data[i++] as number;
      }
    }
  }
  return transposed;
}
