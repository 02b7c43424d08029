import type { z } from 'zod';
import type { Variant } from '#core/bundle/graphs.ts';
import { InputError, type InputErrorKind } from '#core/errors.ts';
import type {
  audioEmbeddingsSchema,
  classificationsSchema,
  correspondenceSchema,
  imageEmbeddingSchema,
  matrixSchema,
} from './http/replies.ts';

/** A file's bytes. */
export type File = Uint8Array | Blob;

/** Fields that every question may have. */
export interface Asked {
  model?: string | undefined;
  variant?: Variant | undefined;
}
/** Of questions about a sound. */
export interface Heard extends Asked {
  /** From one window's start to the next; default half a window. */
  hopSeconds?: number | undefined;
}

export interface ClientOptions {
  /** Where keys are asked for. */
  apiKey?: string | undefined;
  /** Milliseconds to wait for an answer; the server is told so, and gives up then too. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch;
}

/** The server did not answer, or not with what was asked. */
export class ServerError extends Error {
  override name = 'ServerError';
  /** 0: there was no answer in time. */
  readonly status: number;
  readonly type: string;
  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

/**
 * A Clapper server's routes as functions, in Node and in browsers; its types are those that `/openapi.json` is made from.
 *
 * @param url may have a path, where a proxy gives the server one.
 */
export function createClient(url: string, { apiKey, timeoutMs, fetch: send = fetch }: ClientOptions = {}) {
  async function ask<Reply>(path: string, fields: Record<string, unknown>): Promise<Reply> {
    const body = new FormData();
    for (const [name, values] of Object.entries(fields)) {
      for (const value of Array.isArray(values) ? values : [values]) {
        if (value instanceof Blob) body.append(name, value, name);
        else if (value instanceof Uint8Array) body.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), name);
        else if (value !== undefined) body.append(name, String(value));
      }
    }
    const headers: Record<string, string> = {};
    if (apiKey !== undefined) headers.Authorization = `Bearer ${asHeader(apiKey)}`;
    if (timeoutMs !== undefined) headers['X-Request-Timeout-Ms'] = String(timeoutMs);
    const reply = await send(new URL(`.${path}`, url.endsWith('/') ? url : `${url}/`), {
      method: 'POST',
      body,
      headers,
      ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
    }).catch((cause) => {
      if (cause?.name !== 'TimeoutError') throw cause;
      throw new ServerError(0, 'no_answer', `${url} did not answer within ${timeoutMs} ms.`);
    });
    const json = await reply.json().catch(() => null);
    if (reply.ok && json !== null) return json as Reply;
    const unknown = `${url} answered ${reply.status}${json === null ? ' without JSON: is it a Clapper server?' : '.'}`;
    const { type = 'unknown', message = unknown } = json?.error ?? {};
    if (inputKinds.has(type)) throw new InputError(message, type as InputErrorKind);
    throw new ServerError(reply.status, type, message);
  }

  return {
    correspondence: (fields: Heard & { audio: File; image: File }) =>
      ask<z.infer<typeof correspondenceSchema>>('/v1/correspondence', { ...fields }),
    /** @returns `scores[images][sounds]`. */
    matrix: (fields: Heard & { audio: File[]; image: File[] }) =>
      ask<z.infer<typeof matrixSchema>>('/v1/correspondence/matrix', { ...fields }),
    classifyAudio: (fields: Heard & { audio: File; topK?: number }) =>
      ask<z.infer<typeof classificationsSchema>>('/v1/classify/audio', { ...fields }),
    classifyImage: (fields: Asked & { image: File; topK?: number }) =>
      ask<z.infer<typeof classificationsSchema>>('/v1/classify/image', { ...fields }),
    embedAudio: (fields: Heard & { audio: File }) =>
      ask<z.infer<typeof audioEmbeddingsSchema>>('/v1/embed/audio', { ...fields }),
    embedImage: (fields: Asked & { image: File }) =>
      ask<z.infer<typeof imageEmbeddingSchema>>('/v1/embed/image', { ...fields }),
  };
}

/** A header's text has a character for each byte. */
function asHeader(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

const inputKinds = new Set(['invalid_request', 'not_found', 'too_large', 'unsupported_media', 'unreadable_media']);
