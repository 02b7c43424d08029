import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { getMimeType, mimes } from 'hono/utils/mime';
import { InputError } from '#core/errors.ts';

export interface StaticFile {
  path: string;
  /** Changes with the content; goes into the ETag. */
  tag: string;
  cacheControl: string;
  /** What it was when it was last read; with another length it is not that file any more. */
  bytes?: number;
  /** Where the same stands compressed, or would. */
  compressed: Record<Encoding, string>;
}

export const encodings = ['br', 'gzip'] as const;
export type Encoding = (typeof encodings)[number];

/** Larger ones are sent as they are read. */
const wholeBytes = 256 * 1024;

/**
 * Sends a file, compressed where it is there compressed and the client takes that; whoever has it already is told so.
 *
 * @throws {InputError} not_found for one that is gone, or has another length than `bytes`.
 */
export async function sendFile(
  c: Context,
  { path, tag, cacheControl, bytes, compressed }: StaticFile,
): Promise<Response> {
  c.header('Cache-Control', cacheControl);
  c.header('Vary', 'Accept-Encoding');
  const known: string[] = c.req.header('If-None-Match')?.match(/"[^"]*"/g) ?? [];
  for (const encoding of accepted(c.req.header('Accept-Encoding'))) {
    const place = encoding === 'identity' ? path : compressed[encoding];
    const size = (await stat(place).catch(() => null))?.size;
    if (encoding === 'identity' && (size === undefined || size !== (bytes ?? size))) throw changed(path, size);
    if (size === undefined) continue;
    const etag = encoding === 'identity' ? `"${tag}"` : `"${tag}-${encoding}"`;
    c.header('ETag', etag);
    if (known.includes(etag)) return c.body(null, 304);
    c.header('Content-Type', getMimeType(path, { ...mimes, ogg: 'audio/ogg' }) ?? 'application/octet-stream');
    if (encoding !== 'identity') c.header('Content-Encoding', encoding);
    c.header('Content-Length', String(size));
    if (c.req.method === 'HEAD') return c.body(null);
    if (size <= wholeBytes) return c.body(new Uint8Array(await readFile(place)));
    return c.body(Readable.toWeb(createReadStream(place)) as ReadableStream);
  }
  throw new Error(`${path} was not sent.`); // identity is always accepted
}

function changed(path: string, size: number | undefined): InputError {
  const what = size === undefined ? 'is gone' : 'was changed';
  return new InputError(`The file ${basename(path)} ${what} since the server read it. Reload its model.`, 'not_found');
}

/** The encodings that a client takes, in our order of preference; as it is, always. */
function accepted(header = ''): (Encoding | 'identity')[] {
  const wishes = new Map(
    header.split(',').map((part) => {
      return [part.split(';', 1)[0]?.trim().toLowerCase(), !/;\s*q=0(\.0*)?\s*$/.test(part)] as const;
    }),
  );
  return [...encodings.filter((encoding) => wishes.get(encoding) ?? wishes.get('*')), 'identity'];
}
