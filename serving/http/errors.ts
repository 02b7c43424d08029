import { z } from '@hono/zod-openapi';
import type { Context, ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { InputError, type InputErrorKind } from '#core/errors.ts';
import { WorkerLost } from '../pool/workerThread.ts';

/** The one body that every refusal and failure has. */
export const errorSchema = z
  .object({
    error: z.object({
      type: z.string().openapi({ example: 'unreadable_media' }),
      message: z.string().openapi({ description: 'what was expected, what arrived, what to do next' }),
      details: z.unknown().optional().openapi({ description: 'which fields are wrong' }),
    }),
  })
  .openapi('Error');

/** Not the caller's mistake, and gone in a while: too many requests, still loading, shutting down. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: 429 | 503;
  readonly type: string;

  constructor(status: 429 | 503, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

const statuses: Record<InputErrorKind, ContentfulStatusCode> = {
  invalid_request: 400,
  not_found: 404,
  too_large: 413,
  unsupported_media: 415,
  unreadable_media: 422,
};

export interface ErrorReply {
  status: ContentfulStatusCode;
  type: string;
  message: string;
  details?: unknown;
}

export function replyError(c: Context, { status, type, message, details }: ErrorReply): Response {
  if (status === 429 || status === 503) c.header('Retry-After', '1');
  return c.json({ error: { type, message, details } }, status);
}

export const onError: ErrorHandler = (error, c) => {
  if (error instanceof InputError) {
    return replyError(c, { status: statuses[error.kind], type: error.kind, message: error.message });
  }
  if (error instanceof Refusal) return replyError(c, error);
  if (error instanceof WorkerLost) {
    return replyError(c, {
      status: 503,
      type: 'worker_lost',
      message: `${error.message} Another one takes over: try again.`,
    });
  }
  if (error instanceof HTTPException) {
    // Hono throws it for a body that does not parse.
    const message = `Expected a body of multipart/form-data, as curl -F makes it: ${error.message}`;
    return replyError(c, { status: error.status, type: 'invalid_request', message });
  }
  console.error(error);
  return replyError(c, { status: 500, type: 'internal', message: 'The server failed; its log says why.' });
};
