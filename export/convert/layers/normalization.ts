import { z } from 'zod';
import { elementCount } from '#core/elementCount.ts';
import type { Value } from '../../onnx/value.ts';
import { defineLayer, knownSize, type LayerCall } from '../layer.ts';
import { axis, flag, numberOr } from '../settings.ts';
import { axisIn, permute, rankOf, sameOrderAs, shapeOf, type Tensor } from '../tensor.ts';

/** Over the last axis of a row that was flattened in another order, numbers have to stand in Keras'. */
function settled({ nodes, input }: LayerCall<unknown>): Tensor {
  return input.flattened ? { value: nodes.plain(input), order: [0, 1] } : input;
}

/** Numbers in nested lists, or null. */
const statistic = z
  .union([z.number(), z.array(z.unknown())])
  .nullish()
  .transform((value) => (value == null ? null : ([value].flat(Number.POSITIVE_INFINITY) as number[])))
  .pipe(z.array(z.number()).min(1).nullable());

export const batchNormalization = defineLayer({
  config: z.object({
    axis: z
      .union([axis, z.tuple([axis]).transform(([only]) => only)])
      .nullish()
      .transform((value) => value ?? -1),
    epsilon: numberOr(1e-3),
    center: flag(true),
    scale: flag(true),
  }),
  masking: 'passes',
  convert: (call) => {
    const { nodes, config, weights, warn } = call;
    const input = settled(call);
    const rank = rankOf(input);
    const kerasAxis = config.axis < 0 ? config.axis + rank : config.axis;
    const size = knownSize(shapeOf(input)[kerasAxis], 'how many numbers its axis has', call);
    if (kerasAxis !== rank - 1) {
      warn(
        `it normalises over axis ${kerasAxis}: this file does it as Keras, WebGL and tfjs-node do; tfjs' CPU backend does it wrong.`,
      );
    }
    const trained = (name: string, fallback: number) =>
      (name === 'gamma' && !config.scale) || (name === 'beta' && !config.center)
        ? new Float32Array(size).fill(fallback)
        : weights.get(name, [size]).data;
    const parts = { gamma: 1, beta: 0, moving_mean: 0, moving_variance: 1 };
    const at = axisIn(input, kerasAxis);
    if (at === 1) {
      const constants = Object.entries(parts).map(([name, fallback]) =>
        weights.constant(name, () => ({ data: trained(name, fallback), shape: [size] })),
      );
      return sameOrderAs(
        input,
        nodes.op('BatchNormalization', [input.value, ...constants], { epsilon: config.epsilon }),
      );
    }
    // ONNX's operator wants the axis at 1; in front of anything else, subtract, multiply and add.
    const broadcast = Array.from({ length: rank }, (_, i) => (i === at ? size : 1)).slice(at);
    const constant = (name: string, data: () => Float32Array) =>
      weights.constant(`${name}/${broadcast.length}`, () => ({ data: data(), shape: broadcast }));
    const mean = constant('moving_mean', () => trained('moving_mean', 0));
    const factor = constant('factor', () => {
      const [gamma, variance] = [trained('gamma', 1), trained('moving_variance', 1)];
      return gamma.map((value, i) => value / Math.sqrt((variance[i] as number) + config.epsilon));
    });
    const scaled = nodes.op('Mul', [nodes.op('Sub', [input.value, mean]), factor]);
    if (!config.center) return sameOrderAs(input, scaled);
    return sameOrderAs(input, nodes.op('Add', [scaled, constant('beta', () => trained('beta', 0))]));
  },
});

export const layerNormalization = defineLayer({
  config: z.object({
    axis: z
      .union([axis, z.array(axis)])
      .nullish()
      .transform((value) => [value ?? -1].flat()),
    epsilon: numberOr(1e-3),
    center: flag(true),
    scale: flag(true),
  }),
  masking: 'passes',
  convert: (call) => {
    const { nodes, config, weights } = call;
    const input = settled(call);
    const rank = rankOf(input);
    const shape = shapeOf(input);
    const axes = config.axis.map((axis) => (axis < 0 ? axis + rank : axis));
    const sizes = axes.map((axis) => knownSize(shape[axis], 'the sizes that it normalises over', call));
    // Scale and offset as the axes stand in the value, with sizes of 1 where they do not reach.
    const { order } = input;
    const sorted = [...axes].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    // tfjs and Keras read the numbers by ascending axes, in whatever order the settings name them.
    const ascending = [...axes].sort((a, b) => a - b);
    const first = Math.min(...axes.map((axis) => order.indexOf(axis)));
    const broadcast = order.slice(first).map((axis) => (axes.includes(axis) ? (shape[axis] as number) : 1));
    const trained = (name: string): Value =>
      weights.constant(`${name}/${order.join('')}`, () => ({
        data: permute(
          weights.get(name, sizes).data,
          ascending.map((axis) => shape[axis] as number),
          sorted.map((axis) => ascending.indexOf(axis)),
        ),
        shape: broadcast,
      }));
    const physical = axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
    const deviation = nodes.op('Sub', [
      input.value,
      nodes.op('ReduceMean', [input.value], { axes: physical, keepdims: 1 }),
    ]);
    const variance = nodes.op('ReduceMean', [nodes.op('Mul', [deviation, deviation])], { axes: physical, keepdims: 1 });
    const spread = nodes.op('Sqrt', [nodes.op('Add', [variance, nodes.scalar(config.epsilon)])]);
    let value = nodes.op('Div', [deviation, spread]);
    if (config.scale) value = nodes.op('Mul', [value, trained('gamma')]);
    if (config.center) value = nodes.op('Add', [value, trained('beta')]);
    return sameOrderAs(input, value);
  },
});

/** Keras' scaling of inputs by what it saw of them: `(x − mean) ÷ max(√variance, 1e-7)`. tfjs does not load it. */
export const normalization = defineLayer({
  config: z.object({
    axis: z
      .union([axis, z.array(axis)])
      .nullish()
      .transform((value) => (value === null ? [] : [value ?? -1].flat())),
    mean: statistic,
    variance: statistic,
    invert: flag(false),
  }),
  convert: (call) => {
    const { nodes, config, weights } = call;
    const input = settled(call);
    const rank = rankOf(input);
    const shape = shapeOf(input);
    const axes = config.axis.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
    const sizes = axes.map((axis) => knownSize(shape[axis], 'the sizes that it scales by', call));
    const { order } = input;
    const constant = (part: string, given: number[] | null, change: (value: number) => number): Value =>
      weights.constant(`${part}/${order.join('')}`, () => {
        const count = elementCount(sizes);
        const seen = given ? Float32Array.from({ length: count }, (_, i) => given[i % given.length] as number) : null;
        const whole = shape.map((_, axis) => (axes.includes(axis) ? (shape[axis] as number) : 1));
        const data = permute((seen ?? weights.get(part, sizes).data).map(change), whole, order);
        return { data, shape: order.map((axis) => whole[axis] as number) };
      });
    if (weights.has('count')) weights.get('count', []); // of the samples that it saw
    const mean = constant('mean', config.mean, (value) => value);
    const spread = constant('variance', config.variance, (value) => Math.max(Math.sqrt(value), 1e-7));
    const value = config.invert
      ? nodes.op('Add', [nodes.op('Mul', [input.value, spread]), mean])
      : nodes.op('Div', [nodes.op('Sub', [input.value, mean]), spread]);
    return sameOrderAs(input, value);
  },
});
