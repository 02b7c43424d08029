import { z } from 'zod';
import { activate, activationSchema } from '../activations.ts';
import { defineLayer, knownSize } from '../layer.ts';
import { axis, numberOr } from '../settings.ts';
import { axisIn, permute, rankOf, sameOrderAs, shapeOf } from '../tensor.ts';

export const activation = defineLayer({
  config: z.object({ activation: activationSchema }),
  masking: 'passes',
  convert: ({ nodes, config, input }) => activate(nodes, input, config.activation),
});

export const relu = defineLayer({
  config: z.object({
    max_value: z.number().nullish(),
    negative_slope: z.union([z.number(), z.array(z.number())]).nullish(),
    threshold: z.union([z.number(), z.array(z.number())]).nullish(),
  }),
  masking: 'passes',
  convert: ({ nodes, config, input, warn }) => {
    if (config.negative_slope || config.threshold) {
      warn('tfjs knows no negative_slope and no threshold of a ReLU layer, and neither does this file; Keras does.');
    }
    if (config.max_value == null) return sameOrderAs(input, nodes.op('Relu', [input.value]));
    return sameOrderAs(input, nodes.op('Clip', [input.value, nodes.scalar(0), nodes.scalar(config.max_value)]));
  },
});

export const leakyRelu = defineLayer({
  // Keras 3 calls it negative_slope.
  config: z.object({ alpha: z.number().nullish(), negative_slope: z.number().nullish() }),
  convert: ({ nodes, config, input }) =>
    sameOrderAs(input, nodes.op('LeakyRelu', [input.value], { alpha: config.alpha ?? config.negative_slope ?? 0.3 })),
});

export const elu = defineLayer({
  config: z.object({ alpha: numberOr(1) }),
  convert: ({ nodes, config, input }) => sameOrderAs(input, nodes.op('Elu', [input.value], { alpha: config.alpha })),
});

export const thresholdedRelu = defineLayer({
  config: z.object({ theta: numberOr(1) }),
  convert: ({ nodes, config, input }) =>
    sameOrderAs(input, nodes.op('ThresholdedRelu', [input.value], { alpha: config.theta })),
});

export const prelu = defineLayer({
  config: z.object({ shared_axes: z.union([axis, z.array(axis)]).nullish() }),
  masking: 'passes',
  convert: (call) => {
    const { nodes, config, weights } = call;
    const input = call.input.flattened ? { value: nodes.plain(call.input), order: [0, 1] } : call.input;
    const shared = new Set([config.shared_axes ?? []].flat());
    const shape = shapeOf(input)
      .slice(1)
      .map((size, i) =>
        shared.has(i + 1) ? 1 : knownSize(size, 'the size of each axis that has slopes of its own', call),
      );
    const { order } = input;
    const slope = weights.constant(`alpha/${order.join('')}`, () => {
      const withBatch = [1, ...shape];
      return {
        data: permute(weights.get('alpha', shape).data, withBatch, order),
        shape: order.map((axis) => withBatch[axis] as number),
      };
    });
    return sameOrderAs(input, nodes.op('PRelu', [input.value, slope]));
  },
});

export const softmax = defineLayer({
  // tfjs' default is 1; Keras always writes it.
  config: z.object({
    axis: z
      .union([axis, z.array(axis)])
      .nullish()
      .transform((value) => [value ?? 1].flat()),
  }),
  convert: ({ nodes, config, input: given, mask, warn }) => {
    const input = given.flattened ? { value: nodes.plain(given), order: [0, 1] } : given;
    let { value } = input;
    if (mask && mask !== 'unusable') {
      warn('tfjs adds -1e9 where the mask is off.');
      const kept = nodes.cast(mask, 'float32');
      const off = nodes.op('Mul', [nodes.op('Sub', [nodes.scalar(1), kept]), nodes.scalar(-1e9)]);
      value = nodes.op('Add', [value, off], {}, 'masked');
    }
    const [only] = config.axis as [number];
    if (config.axis.length === 1)
      return sameOrderAs(input, nodes.op('Softmax', [value], { axis: axisIn(input, only) }));
    const axes = config.axis.map((axis) => axisIn(input, axis < 0 ? axis + rankOf(input) : axis));
    const total = nodes.op('ReduceLogSumExp', [value], { axes, keepdims: 1 });
    return sameOrderAs(input, nodes.op('Exp', [nodes.op('Sub', [value, total])]));
  },
});
