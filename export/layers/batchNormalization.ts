import { z } from 'zod';
import { InputError } from '#core/errors.ts';
import { defineLayer } from './layer.ts';

export const batchNormalizationSchema = z.object({
  axis: z.union([z.number().int(), z.tuple([z.number().int()]).transform(([axis]) => axis)]),
  epsilon: z.number().positive(),
  center: z.boolean(),
  scale: z.boolean(),
});

/** For those that do not follow a convolution or dense layer; the others are folded into it (`keras/foldBatchNorm.ts`). */
export const batchNormalization = defineLayer(batchNormalizationSchema, ({ graph, name, config, input, weight }) => {
  const { axis, epsilon, center, scale } = config;
  if (axis !== -1 && axis !== input.shape.length - 1) {
    throw new InputError(`Expected the batch normalisation "${name}" over the last axis but it is over axis ${axis}.`);
  }
  const channels = input.shape[1] as number;
  const constant = (part: string, data: Float32Array) => graph.constant(`${name}/${part}`, data, [channels]);
  const trained = (part: string) => constant(part, weight(part, [channels]).data);
  return graph.node('BatchNormalization', {
    name,
    inputs: [
      input,
      scale ? trained('gamma') : constant('gamma', new Float32Array(channels).fill(1)),
      center ? trained('beta') : constant('beta', new Float32Array(channels)),
      trained('moving_mean'),
      trained('moving_variance'),
    ],
    shape: input.shape,
    attributes: { epsilon: { float: epsilon } },
  });
});
