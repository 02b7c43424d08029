import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Pool } from '../../pool/pool.ts';
import { bytesOf, fields, formRoute, timingsSchema } from '../forms.ts';
import { findAbleModel, type Models } from '../models.ts';

const route = formRoute({
  path: '/v1/correspondence',
  summary: 'Do this sound and this image belong together?',
  description:
    'A sound longer than the model hears at once is cut into windows: one every hopSeconds, and one that ends with the sound. ' +
    "Each has its score; the answer's score is the highest of them, for a sound is often heard in one part only.",
  form: z.strictObject({
    audio: fields.audio,
    image: fields.image,
    model: fields.model,
    hopSeconds: fields.hopSeconds,
  }),
  reply: z
    .object({
      model: z.string(),
      score: z.number().openapi({ description: 'P(they belong together), from 0 to 1', example: 0.97 }),
      windows: z.array(z.object({ startSeconds: z.number(), score: z.number() })),
      timings: timingsSchema,
    })
    .openapi('Correspondence'),
});

export function addCorrespondence(app: OpenAPIHono, { models, pool }: { models: Models; pool: Pool }): void {
  app.openapi(route, async (c) => {
    const { audio, image, model, hopSeconds } = c.req.valid('form');
    const { name } = findAbleModel(models, model, 'match').manifest;
    const { answer, timings } = await pool.perform({
      model: name,
      name: 'correspondence',
      input: { audio: await bytesOf(audio), image: await bytesOf(image), hopSeconds },
      signal: c.req.raw.signal,
    });
    return c.json({ model: name, ...answer, timings }, 200);
  });
}
