import { z } from 'zod';

/** One number for both directions, or one each: rows, columns. */
export const pairSchema = z
  .union([z.number().int(), z.tuple([z.number().int(), z.number().int()])])
  .transform((value): [number, number] => (typeof value === 'number' ? [value, value] : value));

export const paddingSchema = z.enum(['valid', 'same']);
export const channelsLast = z.literal('channels_last');

export interface WindowOptions {
  size: [rows: number, columns: number];
  strides: [rows: number, columns: number];
  dilations?: [rows: number, columns: number];
  padding: z.infer<typeof paddingSchema>;
}

/**
 * Where a sliding window lands: as TensorFlow does it, "same" gives ceil(input / stride) outputs and pads by what the last of them
 * lacks, the odd pixel after the picture (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2).
 *
 * @returns `pads` in ONNX's order: top, left, bottom, right.
 */
export function placeWindow(
  { height, width }: { height: number; width: number },
  { size, strides, dilations = [1, 1], padding }: WindowOptions,
): { height: number; width: number; pads: number[] } {
  const [rows, columns] = ([height, width] as const).map((length, axis) => {
    const stride = strides[axis] as number;
    const reach = ((size[axis] as number) - 1) * (dilations[axis] as number) + 1;
    if (padding === 'valid') return { count: Math.floor((length - reach) / stride) + 1, before: 0, after: 0 };
    const count = Math.ceil(length / stride);
    const pad = Math.max(0, (count - 1) * stride + reach - length);
    return { count, before: Math.floor(pad / 2), after: Math.ceil(pad / 2) };
  }) as [Placement, Placement];
  return {
    height: rows.count,
    width: columns.count,
    pads: [rows.before, columns.before, rows.after, columns.after],
  };
}

interface Placement {
  count: number;
  before: number;
  after: number;
}
