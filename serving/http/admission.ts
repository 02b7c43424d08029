import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { InputError } from '#core/errors.ts';
import { limits } from '../limits.ts';
import { Refusal } from './errors.ts';

/** Who may come in: decided before a request's body is read. */
export interface Admission {
  state: 'starting' | 'ready' | 'draining';
  middleware: ReturnType<typeof createMiddleware>;
  /** Settles when no admitted request is left. */
  empty(): Promise<void>;
}

export function createAdmission(): Admission {
  let inFlight = 0;
  let tellEmpty = () => {};
  const admission: Admission = {
    state: 'starting',
    middleware: createMiddleware(async (_, next) => {
      expectReady(admission.state);
      if (inFlight >= limits.requestsInFlight) {
        throw new Refusal(
          429,
          'overloaded',
          `${inFlight} requests are being worked on already. Try again in a moment.`,
        );
      }
      inFlight++;
      try {
        await next();
      } finally {
        inFlight--;
        if (inFlight === 0) tellEmpty();
      }
    }),
    empty: () =>
      new Promise((resolve) => {
        tellEmpty = resolve;
        if (inFlight === 0) resolve();
      }),
  };
  return admission;
}

export function expectReady(state: Admission['state']): void {
  if (state === 'starting')
    throw new Refusal(503, 'starting', 'The server is loading its models. Try again in a moment.');
  if (state === 'draining') throw new Refusal(503, 'draining', 'The server is shutting down. Ask another one.');
}

/** Stops reading where the limit is passed, whatever the request said of its length. */
export const limitBody = bodyLimit({
  maxSize: limits.requestBytes,
  onError: () => {
    throw new InputError(
      `Expected a request of at most ${limits.requestBytes / 1e6} MB. Send smaller files.`,
      'too_large',
    );
  },
});
