import type { Context } from 'hono';
import type { Answering } from './server.ts';

/** Metrics, logs and traces tell the request by its route's pattern. */
export function nameRoute(c: Context): void {
  const { incoming } = (c.env ?? {}) as { incoming?: Answering };
  if (incoming) incoming.route = c.req.routePath;
}

/** @returns the handler of a route that {@link nameRoute} names. */
// biome-ignore lint/suspicious/noExplicitAny: handlers of typed routes take contexts of their own
export function named<Handler extends (c: any) => unknown>(handler: Handler): Handler {
  return ((c: Context) => {
    nameRoute(c);
    return handler(c);
  }) as Handler;
}
