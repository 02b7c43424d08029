import { z } from 'zod';

// What is done to media outside the graphs changes the numbers that they give, so every manifest names it. A method that changes its numbers
// gets another name; a bundle that names a method which is not in these lists is refused.

/** How a sound is brought to the model's rate. */
export const resamplerSchema = z.enum(['polyphase/kaiser-110dB']);
/** How a picture is brought to the model's size. */
export const resizerSchema = z.enum(['block-mean/lanczos3']);

/** What `core/media/` does today: new bundles name these. */
export const resampler: z.infer<typeof resamplerSchema> = 'polyphase/kaiser-110dB';
export const resizer: z.infer<typeof resizerSchema> = 'block-mean/lanczos3';
