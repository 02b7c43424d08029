import { z } from 'zod';
import { defineLayer, imageShape } from './layer.ts';
import { channelsLast, paddingSchema, pairSchema, placeWindow } from './window.ts';

const windowed = (opType: 'MaxPool' | 'AveragePool') =>
  defineLayer(
    z.object({ pool_size: pairSchema, strides: pairSchema, padding: paddingSchema, data_format: channelsLast }),
    ({ graph, name, config, input }) => {
      const { channels, ...picture } = imageShape(input);
      const { pool_size: size, strides, padding } = config;
      const { pads, height, width } = placeWindow(picture, { size, strides, padding });
      return graph.node(opType, {
        name,
        inputs: [input],
        shape: ['batch', channels, height, width],
        // TensorFlow leaves padding out of maximum and mean; so does ONNX unless asked to count it.
        attributes: { kernel_shape: { ints: size }, strides: { ints: strides }, pads: { ints: pads } },
      });
    },
  );

const overall = (opType: 'GlobalMaxPool' | 'GlobalAveragePool') =>
  defineLayer(
    z.object({ data_format: channelsLast, keepdims: z.literal(false).optional() }),
    ({ graph, name, input }) => {
      const { channels } = imageShape(input);
      const pooled = graph.node(opType, {
        name: `${name}/pool`,
        inputs: [input],
        shape: ['batch', channels, 1, 1],
      });
      return graph.node('Flatten', { name, inputs: [pooled], shape: ['batch', channels] });
    },
  );

export const maxPooling2d = windowed('MaxPool');
export const averagePooling2d = windowed('AveragePool');
export const globalMaxPooling2d = overall('GlobalMaxPool');
export const globalAveragePooling2d = overall('GlobalAveragePool');
