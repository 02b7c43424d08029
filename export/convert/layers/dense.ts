import { z } from 'zod';
import { activate, activationSchema } from '../activations.ts';
import { defineLayer, knownSize } from '../layer.ts';
import { multiplyLast } from '../product.ts';
import { flag } from '../settings.ts';
import { shapeOf } from '../tensor.ts';

export const dense = defineLayer({
  config: z.object({ units: z.number().int().positive(), use_bias: flag(true), activation: activationSchema }),
  masking: 'passes',
  convert: (call) => {
    const { nodes, config, weights, input } = call;
    const size = knownSize(shapeOf(input).at(-1), 'how many numbers its input has', call);
    const { units } = config;
    const bias = config.use_bias
      ? [weights.constant('bias', () => ({ data: weights.get('bias', [units]).data, shape: [units] }))]
      : [];
    const numbers = () => weights.get('kernel', [size, units]).data;
    const product = multiplyLast(nodes, input, { size, units, numbers, constant: weights.constant }, bias);
    return activate(nodes, product, config.activation);
  },
});
