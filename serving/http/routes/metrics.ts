import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Metrics } from '../../ops/metrics.ts';

/** For Prometheus. */
export function addMetrics(app: OpenAPIHono, metrics: Pick<Metrics, 'text' | 'contentType'>): void {
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }));
}
