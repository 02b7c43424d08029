import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import { InputError } from '#core/errors.ts';
import { CallerLeft } from '../engine/errors.ts';
import { Patience } from '../engine/patience.ts';
import type { Caller } from '../engine/questions.ts';

/** @returns who waits for the answer: how long at most, and whether he still does. */
export function callerOf(c: Context, defaultMs: number): Caller {
  return { patience: patienceOf(c), timeoutMs: timeoutOf(c, defaultMs) };
}

/** @throws {InputError} for a header that is no time. */
function timeoutOf(c: Context, defaultMs: number): number {
  const text = c.req.header('x-request-timeout-ms');
  if (text === undefined) return defaultMs;
  const milliseconds = /^\d+$/.test(text) ? Number(text) : 0;
  if (milliseconds > 0) return Math.min(milliseconds, defaultMs);
  throw new InputError(`Expected a whole number of milliseconds in X-Request-Timeout-Ms but received "${text}".`);
}

/** Ends when the connection closes before the answer is out. */
function patienceOf(c: Context): Patience {
  const patience = new Patience();
  const leave = () => patience.end(new CallerLeft());
  const { outgoing } = (c.env ?? {}) as { outgoing?: ServerResponse };
  if (outgoing) outgoing.on('close', () => outgoing.writableFinished || leave());
  else c.req.raw.signal.addEventListener('abort', leave); // in process, without a socket
  return patience;
}
