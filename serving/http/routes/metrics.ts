import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Metrics } from '../../ops/metrics.ts';
import { accessRefusals } from '../forms.ts';
import { named } from '../named.ts';

/** For Prometheus. */
export function addMetrics(app: OpenAPIHono, metrics: Pick<Metrics, 'text' | 'contentType'>): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/metrics',
    tags: ['Health'],
    summary: 'Counts and times, for Prometheus',
    responses: {
      200: { description: "in Prometheus' text format", content: { 'text/plain': { schema: z.string() } } },
      ...accessRefusals,
    },
  });
  app.get(
    '/metrics',
    named(async (c) => c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType })),
  );
}
