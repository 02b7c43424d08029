import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Classification } from '#core/bundle/matcher.ts';
import type { Pool } from '../../pool/pool.ts';
import { bytesOf, fields, formRoute, timingsSchema } from '../forms.ts';
import { findAbleModel, type Models } from '../models.ts';

const reply = z
  .object({
    model: z.string(),
    classifications: z.array(
      z.object({
        classifier: z.string().openapi({ example: 'spoken-digit' }),
        classes: z
          .array(z.object({ label: z.string(), probability: z.number() }))
          .openapi({ description: 'most probable first' }),
      }),
    ),
    timings: timingsSchema,
  })
  .openapi('Classifications');

const audioRoute = formRoute({
  path: '/v1/classify/audio',
  summary: 'What is heard?',
  description:
    "Every classifier of the model that hears answers. Of a sound with several windows, a class has the windows' geometric mean, " +
    'divided by the sum over all classes.',
  form: z.strictObject({ audio: fields.audio, model: fields.model, hopSeconds: fields.hopSeconds, topK: fields.topK }),
  reply,
});

const imageRoute = formRoute({
  path: '/v1/classify/image',
  summary: 'What is seen?',
  description: 'Every classifier of the model that sees answers.',
  form: z.strictObject({ image: fields.image, model: fields.model, topK: fields.topK }),
  reply,
});

export function addClassify(app: OpenAPIHono, { models, pool }: { models: Models; pool: Pool }): void {
  app.openapi(audioRoute, async (c) => {
    const { audio, model, hopSeconds, topK } = c.req.valid('form');
    const { name } = findAbleModel(models, model, 'classify-audio').manifest;
    const { answer, timings } = await pool.perform({
      model: name,
      name: 'classify-audio',
      input: { audio: await bytesOf(audio), hopSeconds },
      signal: c.req.raw.signal,
    });
    return c.json({ model: name, classifications: mostProbable(answer, topK), timings }, 200);
  });

  app.openapi(imageRoute, async (c) => {
    const { image, model, topK } = c.req.valid('form');
    const { name } = findAbleModel(models, model, 'classify-image').manifest;
    const { answer, timings } = await pool.perform({
      model: name,
      name: 'classify-image',
      input: { image: await bytesOf(image) },
      signal: c.req.raw.signal,
    });
    return c.json({ model: name, classifications: mostProbable(answer, topK), timings }, 200);
  });
}

function mostProbable(classifications: Classification[], topK: number | undefined): Classification[] {
  return classifications.map(({ classifier, classes }) => ({ classifier, classes: classes.slice(0, topK) }));
}
