import type { Dimension } from '../value.ts';
import {
  axisOf,
  broadcast,
  inputAt,
  type NodeContext,
  numbersAt,
  type OperatorRule,
  product,
  type Result,
} from './rule.ts';

// Operators that move numbers and compute none.

export const shapes: Record<string, OperatorRule> = {
  Concat: {
    attributes: { axis: 'int' },
    infer(node) {
      const values = node.inputs.map((_, i) => inputAt(node, i));
      const { type, shape } = inputAt(node, 0);
      const axis = axisOf(node.attributes.axis, shape.length);
      for (const value of values) {
        value.shape.forEach((size, i) => {
          const first = shape[i];
          if (i !== axis && typeof size === 'number' && typeof first === 'number' && size !== first) {
            throw new TypeError(`Expected shapes that are the same but along axis ${axis}: ${size} is not ${first}.`);
          }
        });
      }
      const elements = values.every((value) => value.elements)
        ? values.flatMap((value) => value.elements ?? [])
        : undefined;
      // A size known in any of them is that of all.
      const sizes = shape.map(
        (size, i) => values.map((value) => value.shape[i]).find((other) => typeof other === 'number') ?? size,
      );
      const lengths = values.map((value) => value.shape[axis] as Dimension);
      const total = product(lengths) === null ? null : lengths.reduce<number>((sum, length) => sum + Number(length), 0);
      return [{ type, shape: (sizes as (Dimension | null)[]).with(axis, total), elements }];
    },
  },
  ConstantOfShape: {
    infer(node) {
      const { elements, shape } = inputAt(node, 0);
      return [{ type: 'float32', shape: elements ?? Array.from({ length: shape[0] as number }, () => null) }];
    },
  },
  DepthToSpace: {
    attributes: { blocksize: 'int', mode: 'string' },
    infer: (node) => [moveBlocks(node, { sizes: times, channels: over })],
  },
  Expand: {
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const { elements, shape: target } = inputAt(node, 1);
      const asked = elements ?? Array.from({ length: target[0] as number }, () => null);
      return [{ type, shape: broadcast([shape, asked]) }];
    },
  },
  Flatten: {
    attributes: { axis: 'int' },
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const { axis = 1 } = node.attributes;
      const side = (sizes: Dimension[]) => (sizes.length === 1 ? (sizes[0] as Dimension) : product(sizes));
      return [{ type, shape: [side(shape.slice(0, axis)), side(shape.slice(axis))] }];
    },
  },
  Gather: {
    attributes: { axis: 'int' },
    infer(node) {
      const { type, shape, elements } = inputAt(node, 0);
      const indices = inputAt(node, 1);
      const axis = axisOf(node.attributes.axis ?? 0, shape.length);
      const at = indices.elements?.every((index) => typeof index === 'number') ? (indices.elements as number[]) : null;
      return [
        {
          type,
          shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)],
          elements: elements && at ? at.map((index) => elements.at(index) as Dimension) : undefined,
        },
      ];
    },
  },
  /** Of each sample by itself where `batch_dims` says so: the last axis of the indices names a place. */
  GatherND: {
    attributes: { batch_dims: 'int' },
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const indices = inputAt(node, 1).shape;
      const { batch_dims = 0 } = node.attributes;
      return [{ type, shape: [...indices.slice(0, -1), ...shape.slice(batch_dims + (indices.at(-1) as number))] }];
    },
  },
  NonMaxSuppression: {
    attributes: { center_point_box: 'int' },
    infer: () => [{ type: 'int64', shape: [null, 3] }],
  },
  /** A column for each number that is not 0. */
  NonZero: { infer: (node) => [{ type: 'int64', shape: [inputAt(node, 0).shape.length, null] }] },
  OneHot: {
    attributes: { axis: 'int' },
    infer(node) {
      const indices = inputAt(node, 0);
      const [depth] = numbersAt(node, 1) ?? [null];
      const { axis = -1 } = node.attributes;
      const at = axisOf(axis, indices.shape.length + 1);
      return [
        {
          type: inputAt(node, 2).type,
          shape: [...indices.shape.slice(0, at), depth ?? null, ...indices.shape.slice(at)],
        },
      ];
    },
  },
  Pad: {
    attributes: { mode: 'string' },
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const pads = numbersAt(node, 1);
      return [
        {
          type,
          shape: shape.map((size, i) => {
            const added = pads ? (pads[i] as number) + (pads[i + shape.length] as number) : null;
            if (added === 0) return size;
            return typeof size === 'number' && added !== null ? size + added : null;
          }),
        },
      ];
    },
  },
  /** From a start to before a limit. */
  Range: {
    infer(node) {
      const [from, to, step] = [0, 1, 2].map((i) => numbersAt(node, i)?.[0]);
      const known = from !== undefined && to !== undefined && step !== undefined;
      return [{ type: inputAt(node, 0).type, shape: [known ? Math.max(0, Math.ceil((to - from) / step)) : null] }];
    },
  },
  Reshape: {
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const { elements, shape: target } = inputAt(node, 1);
      if (!elements) return [{ type, shape: Array.from({ length: target[0] as number }, () => null) }];
      const copied = elements.map((size, i) => (size === 0 ? (shape[i] as Dimension) : size));
      return [{ type, shape: copied.map((size) => (size === -1 ? remaining(shape, copied) : size)) }];
    },
  },
  ScatterElements: {
    attributes: { axis: 'int', reduction: 'string' },
    infer: (node) => [{ type: inputAt(node, 0).type, shape: inputAt(node, 0).shape }],
  },
  ScatterND: {
    attributes: { reduction: 'string' },
    infer: (node) => [{ type: inputAt(node, 0).type, shape: inputAt(node, 0).shape }],
  },
  Shape: {
    attributes: { start: 'int', end: 'int' },
    infer(node) {
      const { shape } = inputAt(node, 0);
      const elements = shape.slice(node.attributes.start ?? 0, node.attributes.end);
      return [{ type: 'int64', shape: [elements.length], elements }];
    },
  },
  Slice: {
    infer(node) {
      const { type, shape, elements } = inputAt(node, 0);
      const [starts, ends] = [numbersAt(node, 1), numbersAt(node, 2)];
      const axes = node.inputs[3] ? (numbersAt(node, 3) ?? []) : (starts ?? []).map((_, i) => i);
      if (!starts || !ends) return [{ type, shape: shape.map((size, i) => (axes.includes(i) ? null : size)) }];
      const steps = node.inputs[4] ? (numbersAt(node, 4) ?? []) : starts.map(() => 1);
      const sliced: (Dimension | null)[] = [...shape];
      axes.forEach((axis, i) => {
        const at = axisOf(axis, shape.length);
        sliced[at] = sliceLength(shape[at] as Dimension, starts[i] as number, ends[i] as number, steps[i] as number);
      });
      const forward = elements && steps[0] === 1 ? elements.slice(starts[0], ends[0]) : undefined;
      return [{ type, shape: sliced, elements: forward }];
    },
  },
  SpaceToDepth: {
    attributes: { blocksize: 'int' },
    infer: (node) => [moveBlocks(node, { sizes: over, channels: times })],
  },
  Split: {
    attributes: { axis: 'int' },
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const axis = axisOf(node.attributes.axis ?? 0, shape.length);
      return (numbersAt(node, 1) ?? []).map((size) => ({ type, shape: shape.with(axis, size) }));
    },
  },
  Squeeze: {
    infer(node) {
      const { type, shape, elements } = inputAt(node, 0);
      const gone = new Set((numbersAt(node, 1) ?? []).map((axis) => axisOf(axis, shape.length)));
      return [{ type, shape: shape.filter((_, i) => !gone.has(i)), elements }];
    },
  },
  Tile: {
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      const repeats = numbersAt(node, 1);
      return [
        {
          type,
          shape: shape.map((size, i) => {
            if (repeats?.[i] === 1) return size;
            return typeof size === 'number' && repeats ? size * (repeats[i] as number) : null;
          }),
        },
      ];
    },
  },
  Transpose: {
    attributes: { perm: 'ints' },
    infer(node) {
      const { type, shape } = inputAt(node, 0);
      return [{ type, shape: (node.attributes.perm as number[]).map((axis) => shape[axis] as Dimension) }];
    },
  },
  Unsqueeze: {
    infer(node) {
      const { type, shape, elements } = inputAt(node, 0);
      const axes = numbersAt(node, 1) ?? [];
      const rank = shape.length + axes.length;
      const added = new Set(axes.map((axis) => axisOf(axis, rank)));
      const rest = shape[Symbol.iterator]();
      const sizes = Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.next().value as Dimension)));
      return [{ type, shape: sizes, elements: shape.length === 0 ? elements : undefined }];
    },
  },
};

type Scale = (size: number, by: number) => number;
const times: Scale = (size, by) => size * by;
const over: Scale = (size, by) => size / by;

/** Between channels and blocks of `blocksize` × `blocksize` pixels. */
function moveBlocks(node: NodeContext, scale: { sizes: Scale; channels: Scale }): Result {
  const { type, shape } = inputAt(node, 0);
  const { blocksize } = node.attributes;
  const [batch, channels, ...sizes] = shape as [Dimension, number, ...Dimension[]];
  const scaled = sizes.map((size) => (typeof size === 'number' ? scale.sizes(size, blocksize) : null));
  return { type, shape: [batch, scale.channels(channels, blocksize ** 2), ...scaled] };
}

/** What -1 stands for: the numbers of the input that the other sizes leave. */
function remaining(from: Dimension[], to: Dimension[]): Dimension | null {
  const names = (sizes: Dimension[]) => sizes.filter((size): size is string => typeof size === 'string');
  const count = (sizes: Dimension[]) =>
    sizes.reduce<number>((all, size) => (typeof size === 'number' && size !== -1 ? all * size : all), 1);
  const left = names(from);
  for (const name of names(to)) {
    const at = left.indexOf(name);
    if (at < 0) return null;
    left.splice(at, 1);
  }
  const [have, asked] = [count(from), count(to)];
  if (left.length === 0) return asked > 0 && have % asked === 0 ? have / asked : null;
  return left.length === 1 && have === asked ? (left[0] as string) : null;
}

function sliceLength(size: Dimension, start: number, end: number, step: number): Dimension | null {
  if (typeof size !== 'number') {
    const whole = step > 0 ? start === 0 && end >= 2 ** 31 - 1 : start === -1 && end < -(2 ** 31 - 2);
    return whole && Math.abs(step) === 1 ? size : null;
  }
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high);
  const [from, to] =
    step > 0 ? [clamp(start, 0, size), clamp(end, 0, size)] : [clamp(start, 0, size - 1), clamp(end, -1, size - 1)];
  return Math.max(0, Math.ceil((to - from) / step));
}
