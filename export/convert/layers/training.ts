import { z } from 'zod';
import { defineLayer } from '../layer.ts';

/** Acts in training only: dropout, noise. */
export const identity = defineLayer({
  anyType: true,
  config: z.object({}),
  masking: 'passes',
  convert: ({ input }) => input,
});

/** Keras' augmentation: acts in training only; tfjs has none of these classes. */
export const augmentation = defineLayer({ anyType: true, config: z.object({}), convert: ({ input }) => input });

/** Random in tfjs whenever it runs. */
export const randomSize = defineLayer({
  anyType: true,
  config: z.object({}),
  convert: ({ input, warn }) => {
    warn('tfjs resizes at random when it predicts, too; this file leaves pictures as they are, as Keras does.');
    return input;
  },
});
