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
export function guard(access: Access): MiddlewareHandler {
  return async (c, next) => {
    if (healthPaths.has(c.req.path)) return next();
    admit(access, { authorization: c.req.header('authorization'), address: addressOf(c) });
    await next();
  };
}

/** @throws {KeyRefused} for who has no key, or asks too often, over whichever protocol. */
export function admit(
  { keys, rateLimit }: Access,
  { authorization, address }: { authorization: string | undefined; address: string },
): void {
  const name = keys ? keyName(keys, authorization) : address;
  const waitSeconds = rateLimit?.take(name) ?? 0;
  if (waitSeconds > 0) {
    throw new KeyRefused(
      429,
      `Expected fewer requests a minute of ${keys ? name : 'one address'}.`,
      Math.ceil(waitSeconds),
    );
  }
}

function keyName(keys: ApiKeys, authorization: string | undefined): string {
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
