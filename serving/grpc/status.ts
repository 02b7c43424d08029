import { status } from '@grpc/grpc-js';
import { CallerLeft } from '../engine/errors.ts';
import { describeError } from '../http/errors.ts';

const ofHttp: Partial<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  404: status.NOT_FOUND,
  408: status.DEADLINE_EXCEEDED,
  413: status.INVALID_ARGUMENT,
  415: status.INVALID_ARGUMENT,
  422: status.INVALID_ARGUMENT,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
};

/** What a caller is told of an error: in the words of HTTP's answer. */
export function statusOf(error: unknown): { code: status; details: string } {
  const { status: http, type, message: details } = describeError(error);
  if (error instanceof CallerLeft) return { code: status.CANCELLED, details };
  if (type === 'deadline_exceeded') return { code: status.DEADLINE_EXCEEDED, details };
  return { code: ofHttp[http] ?? status.INTERNAL, details };
}

/** As google/rpc/code.proto maps them, so that one count holds the requests of both protocols. */
const toHttp: Partial<Record<status, number>> = {
  [status.OK]: 200,
  [status.CANCELLED]: 499,
  [status.INVALID_ARGUMENT]: 400,
  [status.DEADLINE_EXCEEDED]: 504,
  [status.NOT_FOUND]: 404,
  [status.RESOURCE_EXHAUSTED]: 429,
  [status.UNIMPLEMENTED]: 501,
  [status.UNAVAILABLE]: 503,
  [status.UNAUTHENTICATED]: 401,
};

export function httpStatusOf(code: status): number {
  return toHttp[code] ?? 500;
}
