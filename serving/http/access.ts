import type { Context, MiddlewareHandler } from 'hono';
import { type ApiKeys, bearerOf } from '../ops/keys.ts';
import type { RateLimit } from '../ops/rateLimit.ts';
import { KeyRefused } from './errors.ts';
import type { Answering } from './server.ts';

export interface Access {
  /** null: whoever reaches the server may ask. */
  keys: ApiKeys | null;
  /** null: as often as they like. */
  rateLimit: RateLimit | null;
}

/** Orchestrators ask these without a key. */
const healthPaths = new Set(['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready']);

/** Lets in who has a key, as often as is allowed. */
export function guard({ keys, rateLimit }: Access): MiddlewareHandler {
  return async (c, next) => {
    if (healthPaths.has(c.req.path)) return next();
    const name = keys ? keyName(keys, c.req.header('authorization')) : addressOf(c);
    const waitSeconds = rateLimit?.take(name) ?? 0;
    if (waitSeconds > 0) {
      throw new KeyRefused(
        429,
        `Expected fewer requests a minute of ${keys ? name : 'one address'}.`,
        Math.ceil(waitSeconds),
      );
    }
    await next();
  };
}

/** @throws {KeyRefused} */
export function keyName(keys: ApiKeys, authorization: string | undefined): string {
  const token = bearerOf(authorization);
  const name = token === null ? null : keys.nameOf(token);
  if (name === null) {
    throw new KeyRefused(
      401,
      token === null ? 'Expected Authorization: Bearer KEY.' : 'Expected a key that is known here.',
    );
  }
  return name;
}

function addressOf(c: Context): string {
  return (c.env as { incoming?: Answering } | undefined)?.incoming?.socket.remoteAddress ?? '';
}
