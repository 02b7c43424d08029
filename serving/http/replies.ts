import { z } from '@hono/zod-openapi';

/** What the routes of `/v1` answer; the client's types are these. */

export const timingsSchema = z
  .object({ queue: z.number(), decode: z.number(), infer: z.number() })
  .openapi('Timings', { description: 'milliseconds; of what ran side by side the sum' });

const about = { model: z.string(), variant: z.string() };
const asides = {
  notes: z.array(z.string()).openapi({ description: 'what is to be known of how the files were taken; mostly empty' }),
  timings: timingsSchema,
};

export const correspondenceSchema = z
  .object({
    ...about,
    score: z.number().openapi({ description: 'P(they belong together), from 0 to 1', example: 0.97 }),
    windows: z.array(z.object({ startSeconds: z.number(), score: z.number() })),
    ...asides,
  })
  .openapi('Correspondence');

export const matrixSchema = z
  .object({
    ...about,
    scores: z.array(z.array(z.number())).openapi({ description: '[images][sounds], each from 0 to 1' }),
    ...asides,
  })
  .openapi('Matrix');

export const classificationsSchema = z
  .object({
    ...about,
    classifications: z.array(
      z.object({
        classifier: z.string().openapi({ example: 'spoken-digit' }),
        classes: z
          .array(z.object({ label: z.string(), probability: z.number() }))
          .openapi({ description: 'most probable first' }),
      }),
    ),
    ...asides,
  })
  .openapi('Classifications');

const embedding = z.array(z.number()).openapi({ description: 'as many numbers as embeddingSize says' });
const sized = { ...about, embeddingSize: z.number().int() };

export const audioEmbeddingsSchema = z
  .object({ ...sized, windows: z.array(z.object({ startSeconds: z.number(), embedding })), ...asides })
  .openapi('AudioEmbeddings');

export const imageEmbeddingSchema = z.object({ ...sized, embedding, ...asides }).openapi('ImageEmbedding');
