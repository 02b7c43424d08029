import type { Context, MiddlewareHandler } from 'hono';
import { type ApiKeys, bearerOf } from '../ops/keys.ts';
import type { RateLimit } from '../ops/rateLimit.ts';
import type { CallerAddress } from './callerAddress.ts';
import { KeyRefused } from './errors.ts';
import type { Answering } from './server.ts';

export interface Access {
  /** null: whoever reaches the server may ask. */
  keys: ApiKeys | null;
  /** null: as often as they like. */
  rateLimit: RateLimit | null;
  callerAddress: CallerAddress;
}

/** Who asks, as a request says it, over whichever protocol. */
export interface Asking {
  authorization: string | undefined;
  forwardedFor: string | undefined;
  /** The connection's address. */
  peer: string;
}

/** Orchestrators ask these without a key. */
const healthPaths = new Set(['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready']);

/** Lets in who has a key, as often as is allowed. */
export function guard(access: Access): MiddlewareHandler {
  return async (c, next) => {
    if (healthPaths.has(c.req.path)) return next();
    const authorization = c.req.header('authorization');
    admit(access, { authorization, forwardedFor: c.req.header('x-forwarded-for'), peer: peerOf(c) });
    await next();
  };
}

/** @throws {KeyRefused} for who has no key, or asks too often. */
export function admit({ keys, rateLimit, callerAddress }: Access, { authorization, forwardedFor, peer }: Asking): void {
  const name = keys ? keyName(keys, authorization) : callerAddress(peer, forwardedFor);
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

function peerOf(c: Context): string {
  return (c.env as { incoming?: Answering } | undefined)?.incoming?.socket.remoteAddress ?? '';
}
