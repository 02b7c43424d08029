import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import { InputError } from '#core/errors.ts';
import type { Caller } from '../engine/questions.ts';

/** @returns who waits for the answer: how long at most, and whether he still does. */
export function callerOf(c: Context, defaultMs: number): Caller {
  return { signal: leavingSignal(c), timeoutMs: timeoutOf(c, defaultMs) };
}

/** @throws {InputError} for a header that is no time. */
function timeoutOf(c: Context, defaultMs: number): number {
  const text = c.req.header('x-request-timeout-ms');
  if (text === undefined) return defaultMs;
  const milliseconds = Number(text);
  if (Number.isInteger(milliseconds) && milliseconds > 0) return Math.min(milliseconds, defaultMs);
  throw new InputError(`Expected a whole number of milliseconds in X-Request-Timeout-Ms but received "${text}".`);
}

/** Aborts when the connection closes before the answer is out. */
function leavingSignal(c: Context): AbortSignal {
  const { outgoing } = (c.env ?? {}) as { incoming?: IncomingMessage; outgoing?: ServerResponse };
  if (!outgoing) return c.req.raw.signal;
  const leaving = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) leaving.abort();
  });
  return leaving.signal;
}
