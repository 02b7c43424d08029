import { z } from 'zod';
import { elementCount } from '#core/elementCount.ts';
import type { Dimension, Value } from '../../../onnx/value.ts';
import { flattened } from '../../flatten.ts';
import type { Nodes } from '../../nodes.ts';
import { axisIn, inOrder, plain, rankOf, shapeOf, type Tensor } from '../../tensor.ts';
import { fromChannelsFirst, toChannelsFirst } from '../../window.ts';
import { elementType } from '../attributes.ts';
import { onesOf, positive, squeezed, unsqueezed } from '../axes.ts';
import {
  asIntegers,
  defineOperator,
  type OperatorCall,
  type OperatorConverter,
  OperatorProblem,
  withType,
} from '../operator.ts';

// Operators that say the sizes of tensors, or give them others.

/** What comes in goes out. */
const identity = defineOperator({ complex: true, flattened: true, convert: ({ input }) => input });

const cast = defineOperator({
  attributes: z.object({ DstT: elementType }),
  flattened: true,
  convert: ({ nodes, input, attributes }) => {
    const result = withType(nodes, input, attributes.DstT);
    return input.input && result !== input ? { ...result, input: input.input } : result;
  },
});

/** The sizes in TensorFlow's order, int32. */
export function shapeValue(nodes: Nodes, tensor: Tensor): Value {
  const shape = nodes.op('Shape', [tensor.value]);
  const places = tensor.order.map((_, axis) => axisIn(tensor, axis));
  const isPlain = places.every((place, axis) => place === axis);
  const sizes = isPlain ? shape : nodes.op('Gather', [shape, nodes.integers(...places)], {}, 'sizes');
  return nodes.cast(sizes, 'int32');
}

const shape = defineOperator({ convert: ({ nodes, input }) => plain(shapeValue(nodes, input)) });
const shapeN = defineOperator({
  convert: ({ nodes, inputs }) => inputs.map((input) => plain(shapeValue(nodes, input))),
});

const rank = defineOperator({
  convert: ({ nodes, input }) => plain(nodes.constant('rank', Int32Array.of(rankOf(input)), [])),
});

const size = defineOperator({
  convert: ({ nodes, input }) =>
    plain(nodes.op('ReduceProd', [shapeValue(nodes, input)], { axes: [0], keepdims: 0 }, 'count')),
});

const reshape = defineOperator({
  complex: true,
  flattened: true,
  convert: (call) => {
    const { input } = call;
    if (!input.imaginary) return reshaped(call, input);
    const [real, imaginary] = [input.value, input.imaginary].map((value) =>
      reshaped(call, inOrder(value, input.order)),
    ) as [Tensor, Tensor];
    return { ...plain(call.nodes.plain(real)), imaginary: call.nodes.plain(imaginary) };
  },
});

function reshaped(call: OperatorCall<unknown>, given: Tensor): Tensor {
  const { nodes, inputs, sizes } = call;
  const known = sizes(1);
  const own = given.input && { input: given.input };
  if (!known) {
    const target = nodes.cast(nodes.plain(inputs[1] as Tensor), 'int64');
    return { ...plain(nodes.op('Reshape', [nodes.plain(given), target])), ...own };
  }
  if (known.includes(0)) throw new OperatorProblem(`it asks for a size of 0 in [${known.join(', ')}]`);
  const target = known.map((length) => (length === -1 ? null : length));
  if (isFlattening(given, target)) return given.flattened ? given : flattened(nodes, given);
  const value = nodes.plain(given);
  const open = target.filter((length, i) => typeof length !== 'number' && value.shape[i] !== length).length;
  // Several sizes that only a run knows: as the graph computes them.
  const moved =
    open > 1
      ? nodes.op('Reshape', [value, nodes.cast(nodes.plain(inputs[1] as Tensor), 'int64')])
      : nodes.reshape(value, target);
  return { ...plain(moved), ...own };
}

/** A row per sample. */
function isFlattening(given: Tensor, target: (Dimension | null)[]): boolean {
  const [batch, ...rest] = given.flattened ? given.flattened.shape : shapeOf(given);
  if (target.length !== 2 || !rest.every((length) => typeof length === 'number')) return false;
  const count = elementCount(rest as number[]);
  const [first, second] = target as [Dimension | null, Dimension | null];
  if (second === count) return first === null || first === batch;
  return second === null && first === batch;
}

const expandDims = defineOperator({
  convert: ({ nodes, input, numbers }) => {
    const [axis] = numbers(1, 'the axis') as [number];
    return unsqueezed(nodes, input, [positive(axis, rankOf(input) + 1)]);
  },
});

const squeeze = defineOperator({
  attributes: z.object({
    axis: z.array(z.number()).optional(),
    squeeze_dims: z.array(z.number()).optional(),
  }),
  convert: ({ nodes, input, attributes: { axis, squeeze_dims } }) => {
    const asked = axis?.length ? axis : (squeeze_dims ?? []);
    const axes = asked.length > 0 ? asked.map((one) => positive(one, rankOf(input))) : onesOf(input);
    return squeezed(nodes, input, axes);
  },
});

/** How many numbers are added before and after each axis, `[rank, 2]`, as ONNX takes it for the axes as they stand. */
function pads({ nodes, inputs, numbersOrNull }: OperatorCall<unknown>, tensor: Tensor): Value {
  const known = numbersOrNull(1);
  if (!known) {
    const pairs = nodes.cast(nodes.plain(inputs[1] as Tensor), 'int64');
    const turned = nodes.op('Transpose', [pairs], { perm: [1, 0] });
    return nodes.op('Reshape', [turned, nodes.integers(-1)]);
  }
  const side = (after: number) => tensor.order.map((axis) => known[2 * axis + after] as number);
  return nodes.integers(...side(0), ...side(1));
}

const pad = defineOperator({
  attributes: z.object({ constant_value: z.number().default(0) }),
  convert: (call) => {
    const { nodes, inputs, numbersOrNull, attributes } = call;
    const input = numbersOrNull(1) ? call.input : plain(nodes.plain(call.input));
    const [filled = attributes.constant_value] = inputs[2] ? call.numbers(2, 'what it pads with') : [];
    const type = input.value.type === 'bool' ? 'int32' : input.value.type;
    const value = nodes.cast(input.value, type);
    const data = type === 'float32' ? Float32Array.of(filled) : Int32Array.of(filled);
    // Zero is ONNX' default.
    const constant = filled === 0 ? [] : [nodes.constant('filled', data, [])];
    const padded = nodes.op('Pad', [value, pads(call, input), ...constant]);
    return inOrder(nodes.cast(padded, input.value.type), input.order);
  },
});

const mirrorPad = defineOperator({
  attributes: z.object({ mode: z.enum(['REFLECT', 'SYMMETRIC']) }),
  convert: (call) => {
    const { nodes, input, numbers, attributes } = call;
    if (attributes.mode === 'REFLECT')
      return inOrder(nodes.op('Pad', [input.value, pads(call, input)], { mode: 'reflect' }), input.order);
    const sides = numbers(1, 'how much it pads');
    const value = shapeOf(input).reduce<Value>((all, length, axis) => {
      const [before, after] = [sides[2 * axis] as number, sides[2 * axis + 1] as number];
      if (before + after === 0) return all;
      if (typeof length !== 'number') throw new OperatorProblem('it mirrors along an axis whose size only a run knows');
      const from = Array.from({ length: before + length + after }, (_, i) => {
        const at = i - before;
        return at < 0 ? -at - 1 : at >= length ? 2 * length - at - 1 : at;
      });
      const picked = nodes.constant('mirrored', BigInt64Array.from(from, BigInt), [from.length]);
      return nodes.op('Gather', [all, picked], { axis: axisIn(input, axis) });
    }, input.value);
    return inOrder(value, input.order);
  },
});

const tile = defineOperator({
  convert: (call) => {
    const { nodes, input, numbersOrNull } = call;
    const known = numbersOrNull(1);
    if (!known) return plain(nodes.op('Tile', [nodes.plain(input), asIntegers(call, 1)]));
    if (known.every((repeats) => repeats === 1)) return input;
    const repeats = input.order.map((axis) => known[axis] as number);
    return inOrder(nodes.op('Tile', [input.value, nodes.integers(...repeats)]), input.order);
  },
});

const broadcastTo = defineOperator({
  convert: (call) => plain(call.nodes.op('Expand', [call.nodes.plain(call.input), asIntegers(call, 1)])),
});

const depthToSpace = defineOperator({
  attributes: z.object({ block_size: z.number(), data_format: z.enum(['NHWC']).default('NHWC') }),
  convert: ({ nodes, input, attributes }) => {
    const x = toChannelsFirst(nodes, input, 'channels_last');
    const value = nodes.op('DepthToSpace', [x], { blocksize: attributes.block_size, mode: 'DCR' });
    return fromChannelsFirst(value, 'channels_last');
  },
});

/** Every so-many-th pixel as a sample of its own: `[B, H, W, …]` → `[rows × columns × B, H ÷ rows, W ÷ columns, …]`. */
const spaceToBatch = defineOperator({
  convert: (call) => {
    const { nodes, input, numbers } = call;
    const block = numbers(1, 'the block');
    const around = numbers(2, 'the padding');
    const count = block.length;
    const rest = rankOf(input) - 1 - count;
    const side = (after: number) => [0, ...block.map((_, i) => around[2 * i + after] as number), ...zeros(rest)];
    const padded = nodes.op('Pad', [nodes.plain(input), nodes.integers(...side(0), ...side(1))], {}, 'padded');
    const [batch, ...sizes] = padded.shape as [Dimension, ...Dimension[]];
    const pixels = block.map((by, i) => {
      const length = sizes[i];
      if (typeof length === 'number') return length / by;
      throw new OperatorProblem('the sizes that it cuts into blocks are known to a run alone');
    });
    const parts = [batch, ...block.flatMap((by, i) => [pixels[i] as number, by]), ...sizes.slice(count)];
    const apart = nodes.reshape(padded, parts, 'blocks');
    const perm = [
      ...block.map((_, i) => 2 * i + 2),
      0,
      ...block.map((_, i) => 2 * i + 1),
      ...Array.from({ length: rest }, (_, i) => 2 * count + 1 + i),
    ];
    const moved = nodes.op('Transpose', [apart], { perm }, 'moved');
    const samples = typeof batch === 'number' ? batch * elementCount(block) : null;
    return plain(nodes.reshape(moved, [samples, ...pixels, ...sizes.slice(count)]));
  },
});

const batchToSpace = defineOperator({
  convert: (call) => {
    const { nodes, input, numbers } = call;
    const block = numbers(1, 'the block');
    const crops = numbers(2, 'what is cropped');
    const count = block.length;
    const value = nodes.plain(input);
    const [batch, ...sizes] = value.shape as [Dimension, ...Dimension[]];
    if (!sizes.every((length) => typeof length === 'number'))
      throw new OperatorProblem('the sizes that it puts together from blocks are known to a run alone');
    const rest = sizes.slice(count);
    const samples = typeof batch === 'number' ? batch / elementCount(block) : null;
    const apart = nodes.reshape(value, [...block, samples, ...sizes], 'blocks');
    const perm = [count, ...block.flatMap((_, i) => [count + 1 + i, i]), ...rest.map((_, i) => 2 * count + 1 + i)];
    const moved = nodes.op('Transpose', [apart], { perm }, 'moved');
    const pixels = block.map((by, i) => by * (sizes[i] as number));
    const whole = nodes.reshape(moved, [samples, ...pixels, ...rest], 'whole');
    const starts = block.map((_, i) => crops[2 * i] as number);
    const ends = block.map((_, i) => (pixels[i] as number) - (crops[2 * i + 1] as number));
    const axes = block.map((_, i) => i + 1);
    return plain(
      nodes.op('Slice', [whole, nodes.integers(...starts), nodes.integers(...ends), nodes.integers(...axes)]),
    );
  },
});

const zeros = (count: number) => Array<number>(count).fill(0);

export const shapes: Record<string, OperatorConverter> = {
  BatchToSpaceND: batchToSpace,
  BroadcastTo: broadcastTo,
  Cast: cast,
  DepthToSpace: depthToSpace,
  EnsureShape: identity,
  ExpandDims: expandDims,
  FakeQuantWithMinMaxVars: identity, // as tfjs ignores it
  Identity: identity,
  IdentityN: defineOperator({ complex: true, flattened: true, convert: ({ inputs }) => inputs }),
  MirrorPad: mirrorPad,
  Pad: pad,
  PadV2: pad,
  Print: identity,
  Rank: rank,
  Reshape: reshape,
  Shape: shape,
  ShapeN: shapeN,
  Size: size,
  Snapshot: identity,
  SpaceToBatchND: spaceToBatch,
  Squeeze: squeeze,
  StopGradient: identity,
  Tile: tile,
};
