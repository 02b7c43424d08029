import { z } from 'zod';
import { defineLayer, imageShape } from './layer.ts';
import { channelsLast, pairSchema } from './window.ts';

/** Keras flattens rows, then columns, then channels: so the channels go last before they are one row of numbers. */
export const flatten = defineLayer(z.object({}), ({ graph, name, input }) => {
  if (input.shape.length === 2) return input;
  const { channels, height, width } = imageShape(input);
  const channelsLast = graph.node('Transpose', {
    name: `${name}/channels_last`,
    inputs: [input],
    shape: ['batch', height, width, channels],
    attributes: { perm: { ints: [0, 2, 3, 1] } },
  });
  return graph.node('Flatten', { name, inputs: [channelsLast], shape: ['batch', height * width * channels] });
});

export const zeroPadding2d = defineLayer(
  z.object({ padding: z.union([pairSchema, z.tuple([pairSchema, pairSchema])]), data_format: channelsLast }),
  ({ graph, name, config, input }) => {
    const { channels, height, width } = imageShape(input);
    const [rows, columns] = config.padding.map((side) => (typeof side === 'number' ? [side, side] : side)) as Sides;
    const pads = graph.integers(`${name}/pads`, [0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1]]);
    return graph.node('Pad', {
      name,
      inputs: [input, pads],
      shape: ['batch', channels, height + rows[0] + rows[1], width + columns[0] + columns[1]],
    });
  },
);
type Sides = [rows: [before: number, after: number], columns: [before: number, after: number]];

/** Acts in training only. */
export const dropout = defineLayer(z.object({}), ({ input }) => input);
