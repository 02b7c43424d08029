import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Engine } from '../../engine/engine.ts';
import { refusal } from '../forms.ts';
import { named } from '../named.ts';

const liveRoute = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Health'],
  security: [], // no key
  summary: 'Is the process alive?',
  responses: {
    200: { description: 'yes', content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } } },
  },
});

const readyRoute = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['Health'],
  security: [], // no key
  summary: 'Are questions answered?',
  description:
    "Once every model is loaded and has given its trainer's numbers again, while workers live, and until the server shuts down.",
  responses: {
    200: { description: 'yes', content: { 'application/json': { schema: z.object({ status: z.literal('ready') }) } } },
    503: refusal('loading or shutting down'),
  },
});

export function addHealth(app: OpenAPIHono, engine: Engine): void {
  app.openapi(
    liveRoute,
    named((c) => c.json({ status: 'ok' as const }, 200)),
  );
  app.openapi(
    readyRoute,
    named((c) => {
      engine.expectReady();
      return c.json({ status: 'ready' as const }, 200);
    }),
  );
}
