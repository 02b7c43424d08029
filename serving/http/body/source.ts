import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { InputError } from '#core/errors.ts';
import { CallerLeft } from '../../engine/errors.ts';
import type { Receipt } from '../admission.ts';

/** A request's body as it comes, within its limits; each chunk is a view of what was received, never a copy. */
export interface BodySource {
  /** Reads to the end. The body is dropped from the first error on. */
  read(onChunk: (chunk: Uint8Array) => void): Promise<void>;
  /** Of the whole, where the client has said it. */
  readonly length: number | undefined;
}

/** @throws {InputError} too_large where the client says itself that it is, unsupported_media for a compressed one. */
export function openBody(c: Context, { maxBytes, receipt }: { maxBytes: number; receipt: Receipt }): BodySource {
  const coding = c.req.header('content-encoding') ?? 'identity';
  if (coding.toLowerCase() !== 'identity') {
    throw new InputError(`Expected a body as it is but received Content-Encoding ${coding}.`, 'unsupported_media');
  }
  const said = c.req.header('content-length');
  const length = said === undefined ? undefined : Number(said);
  if (length !== undefined && length > maxBytes) throw tooLarge(maxBytes);
  const incoming = (c.env as { incoming?: IncomingMessage } | undefined)?.incoming;
  const read = incoming ? fromNode(incoming) : fromWeb(c.req.raw);
  return {
    length,
    async read(onChunk) {
      let received = 0;
      try {
        await read((chunk) => {
          received += chunk.length;
          if (received > maxBytes) throw tooLarge(maxBytes);
          receipt.hold(chunk.length);
          onChunk(chunk);
        }, receipt);
      } finally {
        receipt.received();
      }
    },
  };
}

type Read = (onChunk: (chunk: Uint8Array) => void, receipt: Receipt) => Promise<void>;

function fromNode(incoming: IncomingMessage): Read {
  return (onChunk, receipt) =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        incoming.off('data', take);
        reject(error);
      };
      const take = (chunk: Buffer) => {
        try {
          onChunk(chunk);
        } catch (error) {
          fail(error);
        }
      };
      const leave = (error: Error) => fail(new CallerLeft(error));
      let isWhole = false;
      const finish = () => {
        isWhole = true;
        resolve();
      };
      const cut = () => {
        if (isWhole) return; // to settle a promise twice costs more than once
        if (incoming.complete) finish();
        else leave(new Error('The connection closed before the body was whole.'));
      };
      // What comes first counts. They stay for as long as the request does: to take them off costs as much as the rest of a small body.
      incoming.on('data', take).on('end', finish).on('error', leave).on('close', cut);
      receipt.onTooSlow = fail;
      (incoming as IncomingMessage & { sendContinue?: () => void }).sendContinue?.();
    });
}

/** In process, without a socket: `app.request()`. */
function fromWeb(request: Request): Read {
  return async (onChunk) => {
    if (!request.body) return;
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) onChunk(chunk);
  };
}

function tooLarge(maxBytes: number): InputError {
  return new InputError(`Expected a request of at most ${maxBytes / 1e6} MB. Send smaller files.`, 'too_large');
}
