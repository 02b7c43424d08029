import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { abilitySchema } from '#core/bundle/abilities.ts';
import { variantSchema } from '#core/bundle/graphs.ts';
import { listingOf } from '#core/bundle/listing.ts';
import { manifestSchema } from '#core/bundle/manifest.ts';
import type { Engine } from '../../engine/engine.ts';
import { findModel } from '../../engine/models.ts';
import type { Runtime } from '../../engine/provider.ts';
import { accessRefusals, refusal } from '../forms.ts';
import { named } from '../named.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/v1/models',
  tags: ['Models'],
  summary: 'What is served',
  responses: {
    200: {
      description: 'the models; the first is the default',
      content: {
        'application/json': {
          schema: z.object({
            models: z.array(
              z.object({
                name: z.string(),
                version: z.string(),
                description: z.string(),
                licence: z.string().openapi({ description: 'of the weights' }),
                variants: z.array(variantSchema),
                metrics: z.record(z.string(), z.number()).openapi({ description: 'of fp32, on the test split' }),
                abilities: z.array(abilitySchema),
              }),
            ),
            runtime: z.object({
              provider: z.enum(['cpu', 'cuda', 'webgpu']).openapi({ description: 'what runs the graphs' }),
              reason: z.string().nullable().openapi({ description: 'why it is not a GPU' }),
              workers: z.number().int(),
              threads: z.number().int().openapi({ description: 'of each graph, in each worker' }),
            }),
          }),
        },
      },
    },
    503: refusal('the models are being loaded'),
    ...accessRefusals,
  },
});

const oneRoute = createRoute({
  method: 'get',
  path: '/v1/models/{name}',
  tags: ['Models'],
  summary: "A model's manifest: its inputs, classifiers, files, training and measured metrics",
  description: 'Its files are at /models/{name}/{file}.',
  request: { params: z.object({ name: z.string().openapi({ example: 'digits' }) }) },
  responses: {
    200: { description: 'the manifest', content: { 'application/json': { schema: manifestSchema } } },
    404: refusal('no such model'),
    503: refusal('the models are being loaded'),
    ...accessRefusals,
  },
});

export function addModels(app: OpenAPIHono, engine: Engine, runtime: Runtime): void {
  app.openapi(
    listRoute,
    named((c) => {
      const list = Array.from(engine.models.values(), ({ manifest, variants }) => listingOf(manifest, variants));
      return c.json({ models: list, runtime }, 200);
    }),
  );
  app.openapi(
    oneRoute,
    named((c) => c.json(findModel(engine.models, c.req.valid('param').name).manifest, 200)),
  );
}
