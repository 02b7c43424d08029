import { z } from 'zod';
import { defineLayer, expectRank, type LayerConverter } from '../layer.ts';
import { dataFormat, padding, perDirection } from '../settings.ts';
import { axisIn, plain, rankOf } from '../tensor.ts';
import {
  axesOf,
  type DataFormat,
  fromChannelsFirst,
  orderOf,
  overWindow,
  refuseEmpty,
  skippedNote,
  toChannelsFirst,
} from '../window.ts';

/** tfjs does not read the format of a layer that pools sequences. */
const alwaysLast = z
  .unknown()
  .optional()
  .transform((): DataFormat => 'channels_last');

/** TensorFlow leaves padding out of maximum and mean; so does ONNX unless asked to count it. */
function windowed(opType: 'MaxPool' | 'AveragePool', rank: number): LayerConverter {
  const directions = perDirection(rank);
  const data_format = rank === 1 ? alwaysLast : dataFormat;
  return defineLayer({
    config: z.object({
      pool_size: perDirection(rank, 2),
      strides: directions.nullish(),
      padding,
      data_format,
    }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config } = call;
      const x = toChannelsFirst(nodes, input, config.data_format);
      const { pool_size: size, strides } = config;
      const window = overWindow(nodes, x, { size, strides: strides ?? size, padding: config.padding });
      if (window.x !== x) call.warn(skippedNote);
      return fromChannelsFirst(refuseEmpty(nodes.op(opType, [window.x], window.attributes), call), config.data_format);
    },
  });
}

function overall(kind: 'Max' | 'Average', rank: number): LayerConverter {
  return defineLayer({
    config: z.object({ data_format: rank === 1 ? alwaysLast : dataFormat, keepdims: z.boolean().nullish() }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config, mask } = call;
      if (config.keepdims)
        call.warn(
          'tfjs knows no keepdims and gives one row per sample, and so does this file but before a layer that cannot do without; Keras keeps the sizes of 1.',
        );
      if (mask && rank === 1 && kind === 'Average') {
        call.warn(
          'tfjs takes the mean over every step, masked ones too, and so does this file; Keras leaves those out.',
        );
      }
      const { spatial, channels } = axesOf(rankOf(input), config.data_format);
      const kept = config.keepdims ? { kept: { order: orderOf(rank + 2, config.data_format) } } : {};
      if (axisIn(input, channels) === 1) {
        const pooled = nodes.op(`Global${kind}Pool`, [input.value], {}, 'pool');
        return { ...plain(nodes.op('Flatten', [pooled])), ...kept };
      }
      const operator = kind === 'Max' ? 'ReduceMax' : 'ReduceMean';
      return { ...plain(nodes.op(operator, [nodes.plain(input)], { axes: spatial, keepdims: 0 })), ...kept };
    },
  });
}

export const maxPooling1d = windowed('MaxPool', 1);
export const maxPooling2d = windowed('MaxPool', 2);
export const maxPooling3d = windowed('MaxPool', 3);
export const averagePooling1d = windowed('AveragePool', 1);
export const averagePooling2d = windowed('AveragePool', 2);
export const averagePooling3d = windowed('AveragePool', 3);
export const globalMaxPooling1d = overall('Max', 1);
export const globalMaxPooling2d = overall('Max', 2);
export const globalMaxPooling3d = overall('Max', 3);
export const globalAveragePooling1d = overall('Average', 1);
export const globalAveragePooling2d = overall('Average', 2);
export const globalAveragePooling3d = overall('Average', 3);
