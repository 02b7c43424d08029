import { z } from 'zod';
import { LayerProblem } from '../keras/problem.ts';
import { asPlain, defineLayer, expectRank, knownSize, type LayerConverter } from '../layer.ts';
import { enlarge, resize } from '../resize.ts';
import { dataFormat, perDirection } from '../settings.ts';
import { axisIn, inOrder, plain, rankOf, shapeOf } from '../tensor.ts';
import { axesOf, fromChannelsFirst, refuseEmpty, toChannelsFirst } from '../window.ts';

// Layers that change the sizes of pictures, sequences and volumes without weights.

const whole = z.number().int().nonnegative();

/** One number for all sides, one for both sides of each direction, or two for each. */
function sides(rank: number, fallback: number) {
  const pair = z.tuple([whole, whole]);
  const both = (value: number): [number, number] => [value, value];
  return z.preprocess(
    (value) => value ?? fallback,
    z
      .union([
        whole.transform((value) => Array.from({ length: rank }, () => both(value))),
        ...(rank === 1 ? [pair.transform((value) => [value])] : []),
        z.array(z.union([whole.transform(both), pair])).length(rank),
      ])
      .transform((value) => value as [number, number][]),
  );
}

function zeroPadding(rank: number): LayerConverter {
  return defineLayer({
    config: z.object({ padding: sides(rank, 1), data_format: dataFormat }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config } = call;
      const { spatial } = axesOf(rank + 2, config.data_format);
      const pads = new Array<number>(2 * (rank + 2)).fill(0);
      spatial.forEach((axis, i) => {
        const at = axisIn(input, axis);
        [pads[at], pads[at + rank + 2]] = config.padding[i] as [number, number];
      });
      return inOrder(nodes.op('Pad', [input.value, nodes.integers(...pads)]), input.order);
    },
  });
}

function cropping(rank: number): LayerConverter {
  return defineLayer({
    config: z.object({ cropping: sides(rank, 1), data_format: dataFormat }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config } = call;
      const { spatial } = axesOf(rank + 2, config.data_format);
      const cut = config.cropping as [number, number][];
      const starts = cut.map(([before]) => before);
      const ends = cut.map(([, after]) => (after === 0 ? 2 ** 31 - 1 : -after));
      const axes = spatial.map((axis) => axisIn(input, axis));
      const inputs = [input.value, nodes.integers(...starts), nodes.integers(...ends), nodes.integers(...axes)];
      return inOrder(refuseEmpty(nodes.op('Slice', inputs), call), input.order);
    },
  });
}

export const zeroPadding1d = zeroPadding(1);
export const zeroPadding2d = zeroPadding(2);
export const zeroPadding3d = zeroPadding(3);
export const cropping1d = cropping(1);
export const cropping2d = cropping(2);
export const cropping3d = cropping(3);

function upSampling(rank: number): LayerConverter {
  return defineLayer({
    config: z.object({
      size: perDirection(rank, 2),
      data_format: dataFormat,
      interpolation: z.enum(['nearest', 'bilinear']).nullish(),
    }),
    convert: (call) => {
      const input = expectRank(call, rank + 2);
      const { nodes, config, warn } = call;
      const bilinear = config.interpolation === 'bilinear';
      if (bilinear) warn('tfjs interpolates without half pixels, and so does this file; Keras centres them.');
      const x = toChannelsFirst(nodes, input, config.data_format);
      // tfjs takes no half pixel, unlike Keras
      const value = enlarge(nodes, x, config.size, { mode: bilinear ? 'linear' : 'nearest', placing: 'edges' });
      return fromChannelsFirst(value, config.data_format);
    },
  });
}

export const upSampling1d = upSampling(1);
export const upSampling2d = upSampling(2);
export const upSampling3d = upSampling(3);

export const resizing = defineLayer({
  config: z.object({
    height: whole,
    width: whole,
    interpolation: z.enum(['nearest', 'bilinear']).nullish(),
    crop_to_aspect_ratio: z.boolean().nullish(),
  }),
  convert: (call) => {
    const input = expectRank(call, 4);
    const { nodes, config, warn } = call;
    const corners = !config.crop_to_aspect_ratio;
    warn(
      corners
        ? 'tfjs aligns the corners of the pictures, and so does this file; Keras centres pixels.'
        : 'tfjs does not crop to the aspect ratio, and neither does this file; Keras does.',
    );
    const x = toChannelsFirst(nodes, input, 'channels_last');
    const value = resize(nodes, x, nodes.integers(config.height, config.width), {
      mode: config.interpolation === 'nearest' ? 'nearest' : 'linear',
      placing: corners ? 'corners' : 'edges',
    });
    return fromChannelsFirst(value, 'channels_last');
  },
});

/** Rows and columns are picked as tfjs' cropAndResize picks them: "nearest" in a box given in parts of the picture. */
export const centerCrop = defineLayer({
  config: z.object({ height: whole, width: whole }),
  convert: (call) => {
    const input = expectRank(call, 4);
    const { nodes, config, warn } = call;
    const shape = shapeOf(input);
    const rows = knownSize(shape[1], 'the height of its pictures', call);
    const columns = knownSize(shape[2], 'the width of its pictures', call);
    const { height, width } = config;
    const top = rows === height ? 0 : Math.floor((rows - height) / 2);
    const left = columns === width ? 0 : Math.floor((columns - width) / 2) || 1;
    if (top < 0 || left < 0) {
      const x = toChannelsFirst(nodes, input, 'channels_last');
      const size = nodes.integers(height, width);
      return fromChannelsFirst(resize(nodes, x, size, { mode: 'linear', placing: 'edges' }), 'channels_last');
    }
    const chosen = [
      { axis: 1, from: picked(top, { size: rows, count: height }), size: rows },
      { axis: 2, from: picked(left, { size: columns, count: width }), size: columns },
    ];
    if (chosen.some(({ from, size }) => from.some((at) => at < 0 || at >= size))) {
      throw new LayerProblem(call.name, 'tfjs would fill what lies beside the picture with zeros');
    }
    if (chosen.some(({ from }) => from.some((at, i) => at !== (from[0] as number) + i))) {
      warn(
        'tfjs picks rows and columns by rounding and not one after another, and so does this file; Keras takes those in the middle.',
      );
    }
    const value = chosen.reduce(
      (value, { axis, from }) =>
        nodes.op('Gather', [value, nodes.constant('picked', BigInt64Array.from(from, BigInt), [from.length])], {
          axis: axisIn(input, axis),
        }),
      input.value,
    );
    return inOrder(value, input.order);
  },
});

function picked(start: number, { size, count }: { size: number; count: number }): number[] {
  const [low, high] = [Math.fround(start / size), Math.fround((count + start) / size)];
  const step = count > 1 ? ((high - low) * (size - 1)) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) =>
    Math.round(count > 1 ? low * (size - 1) + i * step : 0.5 * (low + high) * (size - 1)),
  );
}

const numbers = z.union([z.number(), z.array(z.number())]);

export const rescaling = defineLayer({
  config: z.object({ scale: numbers, offset: numbers.nullish().transform((value) => value ?? 0) }),
  convert: ({ nodes, config, input: given }) => {
    const input = given.flattened ? asPlain(nodes, given) : given;
    const at = axisIn(input, -1);
    const constant = (part: string, value: number | number[]) =>
      typeof value === 'number'
        ? nodes.scalar(value)
        : nodes.constant(part, Float32Array.from(value), [
            value.length,
            ...Array<number>(rankOf(input) - 1 - at).fill(1),
          ]);
    const scaled = nodes.op('Mul', [input.value, constant('scale', config.scale)]);
    return inOrder(nodes.op('Add', [scaled, constant('offset', config.offset)]), input.order);
  },
});

export const categoryEncoding = defineLayer({
  anyType: true,
  config: z.object({
    num_tokens: z.number().int().positive(),
    output_mode: z.preprocess(
      (value) =>
        typeof value === 'string' ? value.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase() : (value ?? 'multi_hot'),
      z.enum(['multi_hot', 'one_hot', 'count', 'int']),
    ),
  }),
  convert: (call) => {
    const { nodes, config, input, name } = call;
    const value = nodes.cast(nodes.plain(input), 'int32');
    if (input.input) input.input.below = Math.min(input.input.below ?? Number.POSITIVE_INFINITY, config.num_tokens);
    if (config.output_mode === 'int') return plain(value);
    expectRank(call, 2);
    if (config.output_mode === 'one_hot' && value.shape[1] !== 1) {
      throw new LayerProblem(
        name,
        `CategoryEncoding as one_hot takes one number a sample but its input has [${value.shape.join(', ')}]`,
      );
    }
    const choice = nodes.constant('off_on', Float32Array.of(0, 1), [2]);
    const hot = nodes.op('OneHot', [nodes.cast(value, 'int64'), nodes.integers(config.num_tokens), choice], {
      axis: -1,
    });
    if (config.output_mode === 'count') return plain(nodes.op('ReduceSum', [hot, nodes.integers(1)], { keepdims: 0 }));
    return plain(nodes.op('ReduceMax', [hot], { axes: [1], keepdims: 0 }));
  },
});
