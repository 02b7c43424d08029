import type { IncomingMessage, ServerResponse } from 'node:http';

/** So much, and for so long, is read and thrown away after a refusal, that the client may finish sending and read the reply. */
const maxBytes = 64e6;
const maxMs = 2000;

/**
 * An answer that comes before the body is whole says `Connection: close`, and the connection is closed only when the client has sent the rest (a close with unread bytes is a reset, which can destroy the reply on its way).
 *
 * @param mustClose whether the connection closes anyway.
 */
export function closeAfterUnreadBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  mustClose: () => boolean,
): void {
  const { writeHead, end } = outgoing;
  outgoing.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    if (!incoming.complete || mustClose()) outgoing.setHeader('Connection', 'close');
    return Reflect.apply(writeHead, outgoing, args);
  } as ServerResponse['writeHead'];
  outgoing.end = function (this: ServerResponse, ...args: unknown[]) {
    if (incoming.complete || incoming.destroyed) return Reflect.apply(end, outgoing, args);
    const [chunk] = args;
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) outgoing.write(chunk);
    let bytes = 0;
    const timer = setTimeout(finish, maxMs);
    function finish() {
      clearTimeout(timer);
      incoming.off('data', count).off('end', finish).off('close', finish);
      Reflect.apply(end, outgoing, []);
    }
    function count(received: Buffer) {
      bytes += received.length;
      if (bytes > maxBytes) finish();
    }
    incoming.on('data', count).on('end', finish).on('close', finish).resume();
    return outgoing;
  } as ServerResponse['end'];
}
