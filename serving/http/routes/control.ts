import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Control } from '../../control.ts';
import { accessRefusals, refusal } from '../forms.ts';
import { named } from '../named.ts';

const reloadRoute = createRoute({
  method: 'post',
  path: '/v1/reload',
  tags: ['Models'],
  summary: 'Reads all bundles anew and serves them, once they are loaded and checked',
  description: 'No request is lost. A bundle that is refused leaves all as it was.',
  responses: {
    200: {
      description: 'what is served now',
      content: { 'application/json': { schema: z.object({ models: z.array(z.string()) }) } },
    },
    400: refusal('a bundle was refused; the models before stay'),
    404: refusal('a bundle is gone; the models before stay'),
    ...accessRefusals,
  },
});

/** What changes the models, where `--model-control` allows it. */
export function addControl(app: OpenAPIHono, control: Control): void {
  app.openapi(
    reloadRoute,
    named(async (c) => c.json({ models: await control.reload() }, 200)),
  );
}
