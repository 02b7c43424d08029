import { z } from 'zod';
import type { Value } from '../../onnx/value.ts';
import { LayerProblem } from '../keras/problem.ts';
import { defineLayer, type LayerCall, type LayerConverter, type Mask, type MaskCall } from '../layer.ts';
import type { Nodes } from '../nodes.ts';
import { axis } from '../settings.ts';
import { axisIn, inOrder, mostCommon, plain, rankOf, sameOrder, shapeOf, type Tensor } from '../tensor.ts';

/** Whole numbers stay what they are among themselves; beside others, and where a mean is taken, they become float32. */
function ofOneType<Config>(call: LayerCall<Config>): LayerCall<Config> {
  const { nodes, layer, inputs: given } = call;
  if (layer.className !== 'Average' && given.every(({ value }) => value.type === 'int32')) return call;
  const inputs = given.map((input) => nodes.float(input));
  return { ...call, inputs, input: inputs[0] as Tensor };
}

/** One order for all, that of most of them; ranks made the same by sizes of 1 after the batch, as tfjs does. */
function aligned({ nodes, inputs, name, layer }: LayerCall<unknown>): { values: Value[]; order: number[] } {
  if (inputs.length < 2)
    throw new LayerProblem(
      name,
      `${layer.className} takes at least two inputs but has ${inputs.length} (an operation with a number, such as x * 2, is no layer: take Rescaling)`,
    );
  const rank = Math.max(...inputs.map(rankOf));
  const [first] = inputs as [Tensor];
  const alike = inputs.every(
    (input) =>
      input.flattened &&
      first.flattened &&
      sameOrder(input.flattened.order, first.flattened.order) &&
      sameShapes(input, first),
  );
  if (alike) return { values: inputs.map(({ value }) => value), order: first.order };
  const whole = inputs.filter((input) => rankOf(input) === rank && !input.flattened);
  const order = mostCommon(whole.map((input) => input.order)) ?? Array.from({ length: rank }, (_, i) => i);
  const values = inputs.map((input) => {
    const missing = rank - rankOf(input);
    if (missing === 0) return nodes.arrange(input, order);
    const axes = Array.from({ length: missing }, (_, i) => i + 1);
    return nodes.arrange(plain(nodes.op('Unsqueeze', [nodes.plain(input), nodes.integers(...axes)])), order);
  });
  return { values, order };
}

function sameShapes(a: Tensor, b: Tensor): boolean {
  return a.flattened?.shape.join() === b.flattened?.shape.join();
}

function merged(combine: (nodes: Nodes, values: Value[]) => Value): LayerConverter {
  return defineLayer({
    anyType: true,
    config: z.object({}),
    masking: mergedMask,
    convert: (given) => {
      const call = ofOneType(given);
      const { values, order } = aligned(call);
      const value = combine(call.nodes, values);
      const { flattened } = call.input;
      const kept =
        flattened &&
        call.inputs.every((input) => input.flattened) &&
        value.shape.length === 2 &&
        values[0] === call.input.value;
      return {
        ...inOrder(value, order),
        ...(kept && { flattened: { shape: flattened.shape, order: flattened.order } }),
      };
    },
  });
}

const pairwise = (opType: string) => (nodes: Nodes, values: Value[]) =>
  values.reduce((all, value) => nodes.op(opType, [all, value]));

export const add = merged(pairwise('Add'));
export const subtract = merged(pairwise('Sub'));
export const multiply = merged(pairwise('Mul'));
export const maximum = merged((nodes, values) => nodes.op('Max', values));
export const minimum = merged((nodes, values) => nodes.op('Min', values));
export const average = merged((nodes, values) =>
  nodes.op('Mul', [pairwise('Add')(nodes, values), nodes.scalar(1 / values.length)]),
);

/** tfjs goes by the mask of the first, and gives it another dimension, on which its recurrent layers fail. */
function mergedMask({ masks }: MaskCall): Mask {
  return masks[0] ? 'unusable' : null;
}

export const concatenate = defineLayer({
  anyType: true,
  config: z.object({ axis: axis.nullish().transform((value) => value ?? -1) }),
  masking: ({ config, inputs, masks, nodes }) => {
    const present = masks.filter((mask) => mask !== null);
    if (present.length === 0) return null;
    if (present.includes('unusable')) return 'unusable';
    const rank = rankOf(inputs[0] as Tensor);
    const at = typeof config.axis === 'number' ? config.axis : -1;
    const values = present as Value[];
    if (at < 0 || at === rank - 1) return values.reduce((all, mask) => nodes.op('And', [all, mask], {}, 'mask'));
    if (at === 1 && values.length === inputs.length) return nodes.op('Concat', values, { axis: 1 }, 'mask');
    return 'unusable';
  },
  convert: (given) => {
    const call = ofOneType(given);
    const { nodes, config, inputs, warn, name } = call;
    const [first] = inputs as [Tensor];
    if (inputs.length === 1) return first;
    const rank = rankOf(first);
    // tfjs-layers' K.concatenate takes every negative axis for the last.
    const at = config.axis < 0 ? rank - 1 : config.axis;
    if (config.axis < -1) {
      warn(`tfjs takes axis ${config.axis} for the last axis, and so does this file; Keras does not.`);
    }
    if (inputs.some((input) => rankOf(input) !== rank)) {
      const shapes = inputs.map((input) => `[${shapeOf(input).join(', ')}]`).join(' and ');
      throw new LayerProblem(name, `Concatenate takes inputs of as many dimensions but has ${shapes}`);
    }
    const { values, order } = aligned(call);
    const value = nodes.op('Concat', values, { axis: axisIn({ order }, at) });
    const flattened = first.flattened && values[0] === first.value;
    return flattened
      ? plain(
          nodes.op(
            'Concat',
            inputs.map((input) => nodes.plain(input)),
            { axis: 1 },
          ),
        )
      : inOrder(value, order);
  },
});

/** tfjs' batchDot: a matrix product of each sample. */
export const dot = defineLayer({
  config: z.object({ axes: z.union([axis, z.tuple([axis, axis])]), normalize: z.boolean().nullish() }),
  convert: ({ nodes, config, inputs, name }) => {
    const ranks = inputs.map(rankOf);
    if (inputs.length !== 2 || ranks.some((rank) => rank < 2 || rank > 3)) {
      throw new LayerProblem(name, `Dot takes two inputs of 2 or 3 dimensions but has ${ranks.join(' and ')}`);
    }
    const asked = typeof config.axes === 'number' ? [config.axes, config.axes] : config.axes;
    const axes = asked.map((axis, i) => (axis < 0 ? axis + (ranks[i] as number) : axis)) as [number, number];
    let [x, y] = inputs.map((input, i) => {
      const value = nodes.plain(input);
      if (!config.normalize) return value;
      const squares = nodes.op('ReduceSum', [nodes.op('Mul', [value, value]), nodes.integers(axes[i] as number)], {
        keepdims: 1,
      });
      return nodes.op('Div', [value, nodes.op('Sqrt', [nodes.op('Max', [squares, nodes.scalar(1e-7)])])]);
    }) as [Value, Value];
    const [rankX, rankY] = ranks as [number, number];
    if (rankX === 2 && rankY === 2) {
      if (axes[0] !== axes[1])
        throw new LayerProblem(name, `Dot of two rows over axes ${axes.join(' and ')} mixes samples`);
      return plain(nodes.op('ReduceSum', [nodes.op('Mul', [x, y]), nodes.integers(axes[0])], { keepdims: 1 }));
    }
    if (rankX > rankY) y = nodes.op('Unsqueeze', [y, nodes.integers(2)]);
    if (rankY > rankX) x = nodes.op('Unsqueeze', [x, nodes.integers(2)]);
    const turned = (value: Value, turn: boolean) =>
      turn ? nodes.op('Transpose', [value], { perm: [0, 2, 1] }) : value;
    // As tfjs decides it: by whether the axes are the last.
    const product = nodes.op('MatMul', [turned(x, axes[0] !== 2), turned(y, axes[1] === 2)]);
    if (rankX === rankY) return plain(product);
    return plain(nodes.op('Squeeze', [product, nodes.integers(rankX > rankY ? rankX + rankY - 3 : rankX - 1)]));
  },
});
