import { type IncomingMessage, type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { securityHeaders } from './headers.ts';

/** So much, and for so long, is read and thrown away after a refusal, that the client may finish sending and read the reply. */
const maxBytes = 64e6;
const maxMs = 2000;

export interface ReplyOptions {
  requestId: string;
  /** From its head on the connection must move: a client that reads nothing would hold the reply in memory for ever. */
  stallMs: number;
  /** Whether the connection closes anyway. */
  mustClose: () => boolean;
}

/**
 * What every reply has, whoever writes it: its request's id, security headers, an end of the connection that destroys nothing.
 *
 * One that comes before the body is whole says `Connection: close`, and the connection is closed only when the client has sent the rest (a close
 * with unread bytes is a reset, which can destroy the reply on its way).
 */
export class Reply<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
  /** null: of what was refused before it was a request. */
  options: ReplyOptions | null = null;

  override writeHead(status: number, ...rest: unknown[]): this {
    const { options, req } = this;
    if (options === null) return Reflect.apply(super.writeHead, this, [status, ...rest]);
    req.socket.setTimeout(options.stallMs); // Node sets its own again when the reply is out
    // In one list, which Node writes as it is: headers that are set one by one take several times as long.
    const own = rest.at(-1) as OutgoingHttpHeaders | undefined;
    const head: OutgoingHttpHeader[] = ['X-Request-Id', options.requestId];
    let given: Set<string> | null = null;
    for (const name in own) {
      head.push(name, own[name] as OutgoingHttpHeader);
      const lower = name.toLowerCase();
      if (securityNames.has(lower)) given = (given ?? new Set()).add(lower);
    }
    for (const [name, value] of securityHeaders) if (!given?.has(name.toLowerCase())) head.push(name, value);
    if (!req.complete || options.mustClose()) head.push('Connection', 'close');
    return super.writeHead(status, head);
  }

  override end(...args: unknown[]): this {
    const { options, req } = this;
    if (options === null || req.complete || req.destroyed) return Reflect.apply(super.end, this, args);
    const [chunk] = args;
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.write(chunk);
    this.#endWhenRead(req);
    return this;
  }

  #endWhenRead(incoming: IncomingMessage): void {
    let bytes = 0;
    const finish = () => {
      clearTimeout(timer);
      incoming.off('data', count).off('end', finish).off('close', finish);
      super.end();
    };
    const count = (received: Buffer) => {
      bytes += received.length;
      if (bytes > maxBytes) finish();
    };
    const timer = setTimeout(finish, maxMs);
    incoming.on('data', count).on('end', finish).on('close', finish).resume();
  }
}

const securityNames = new Set(securityHeaders.map(([name]) => name.toLowerCase()));
