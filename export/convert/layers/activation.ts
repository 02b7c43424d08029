import { z } from 'zod';
import { activationLayers } from '../activationLayers.ts';
import { activate, activationSchema } from '../activations.ts';
import { asPlain, defineLayer, knownSize } from '../layer.ts';
import { axis, number } from '../settings.ts';
import { permute, sameOrderAs, shapeOf } from '../tensor.ts';

export const activation = defineLayer({
  config: z.object({ activation: activationSchema }),
  masking: 'passes',
  convert: ({ nodes, config, input }) => activate(nodes, input, config.activation),
});

export const relu = defineLayer({
  config: activationLayers.ReLU.config.extend({
    negative_slope: number.nullish(),
    threshold: number.nullish(),
  }),
  masking: 'passes',
  convert: ({ nodes, config, input, warn }) => {
    if (config.negative_slope || config.threshold) {
      warn('tfjs knows no negative_slope and no threshold of a ReLU layer, and neither does this file; Keras does.');
    }
    return activationLayers.ReLU.apply(nodes, input, config);
  },
});

export const leakyRelu = defineLayer({
  config: activationLayers.LeakyReLU.config,
  convert: ({ nodes, config, input }) => activationLayers.LeakyReLU.apply(nodes, input, config),
});

export const elu = defineLayer({
  config: activationLayers.ELU.config,
  convert: ({ nodes, config, input }) => activationLayers.ELU.apply(nodes, input, config),
});

export const thresholdedRelu = defineLayer({
  config: activationLayers.ThresholdedReLU.config,
  convert: ({ nodes, config, input }) => activationLayers.ThresholdedReLU.apply(nodes, input, config),
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
  config: activationLayers.Softmax.config,
  convert: ({ nodes, config, input, mask, warn }) => {
    if (!mask || mask === 'unusable') return activationLayers.Softmax.apply(nodes, input, config);
    warn('tfjs adds -1e9 where the mask is off.');
    const given = input.flattened ? asPlain(nodes, input) : input;
    const kept = nodes.cast(mask, 'float32');
    const off = nodes.op('Mul', [nodes.op('Sub', [nodes.scalar(1), kept]), nodes.scalar(-1e9)]);
    const value = nodes.op('Add', [given.value, off], {}, 'masked');
    return activationLayers.Softmax.apply(nodes, sameOrderAs(given, value), config);
  },
});
