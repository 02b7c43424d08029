import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { InputError, type InputErrorKind } from '#core/errors.ts';
import { CallerLeft, Refusal } from '../engine/errors.ts';
import { BodyTooSlow } from './admission.ts';

/** The one body that every refusal and failure has. */
export const errorSchema = z
  .object({
    error: z.object({
      type: z.string().openapi({ example: 'unreadable_media' }),
      message: z.string().openapi({ description: 'what was expected, what arrived, what to do next' }),
      details: z
        .array(z.object({ field: z.string(), message: z.string() }))
        .optional()
        .openapi({ description: 'which fields are wrong' }),
    }),
  })
  .openapi('Error');

/** Who asks is not known, or asks too often. */
export class KeyRefused extends Error {
  readonly status: 401 | 429;
  readonly retryAfterSeconds: number;
  constructor(status: 401 | 429, message: string, retryAfterSeconds = 1) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
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
  details?: { field: string; message: string }[] | undefined;
  headers?: Record<string, string>;
}

/** Characters of a message: some repeat what was sent, and gRPC loses a whole connection over a message of tens of thousands. */
const longestMessage = 800;

/** What a caller is told of an error, whichever protocol he speaks. */
export function describeError(error: unknown): ErrorReply {
  const reply = describeWhole(error);
  reply.message = shortened(reply.message);
  return reply;
}

function shortened(message: string): string {
  if (message.length <= longestMessage) return message;
  return `${message.slice(0, longestMessage).replace(/[\ud800-\udbff]$/, '')}…`; // half a character would break gRPC's encoding
}

function describeWhole(error: unknown): ErrorReply {
  if (error instanceof z.ZodError) return describeFields(error);
  if (error instanceof InputError) return { status: statuses[error.kind], type: error.kind, message: error.message };
  if (error instanceof Refusal) {
    const headers = { 'Retry-After': String(error.retryAfterSeconds) };
    return { status: error.reason === 'overloaded' ? 429 : 503, type: error.reason, message: error.message, headers };
  }
  if (error instanceof KeyRefused) {
    const { status, message, retryAfterSeconds } = error;
    if (status === 401) return { status, type: 'unauthorized', message, headers: { 'WWW-Authenticate': 'Bearer' } };
    return { status, type: 'rate_limited', message, headers: { 'Retry-After': String(retryAfterSeconds) } };
  }
  if (error instanceof BodyTooSlow) return { status: 408, type: 'too_slow', message: error.message };
  if (error instanceof CallerLeft) return { status: 400, type: 'caller_left', message: error.message };
  if (error instanceof HTTPException) return { status: error.status, type: 'invalid_request', message: error.message };
  return { status: 500, type: 'internal', message: 'The server failed; its log says why.' };
}

function describeFields({ issues }: z.ZodError): ErrorReply {
  const details = issues.map(({ path, message }) => ({ field: path.join('.'), message: shortened(message) }));
  const message = details.map((detail) => [detail.field, detail.message].filter(Boolean).join(': ')).join('; ');
  return { status: 400, type: 'invalid_request', message, details };
}

/** In the body that the address' protocol has: the Open Inference Protocol has one of its own. */
export function replyError(c: Context, { status, type, message, details, headers }: ErrorReply): Response {
  const isOip = c.req.path === '/v2' || c.req.path.startsWith('/v2/');
  return c.json({ error: isOip ? message : { type, message, details } }, status, headers);
}

/** The same body for what never reaches a route. */
export function errorJson(type: string, message: string): string {
  return JSON.stringify({ error: { type, message } });
}
