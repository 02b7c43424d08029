import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { InputError } from '#core/errors.ts';
import type { AnswerTimings } from '../engine/questions.ts';
import { errorJson } from './errors.ts';
import { Reply } from './reply.ts';

export interface ServerOptions {
  fetch: (request: Request, env: object) => Response | Promise<Response>;
  /** A connection between two requests, or of a client that does not read its answer. */
  idleSeconds: number;
  /** From a connection's first byte to the end of its headers. */
  headerSeconds: number;
  /** Of a whole request, headers and body. */
  requestSeconds: number;
  maxConnections: number;
  /** Told of every request that has its answer. */
  onRequest?: ((request: AnsweredRequest) => void) | undefined;
}

export interface AnsweredRequest {
  id: string;
  method: string;
  /** The route's pattern, which names no caller's words. */
  route: string;
  status: number;
  /** Of a call over gRPC what it was told; `status` is what HTTP has for it. */
  grpcCode?: number | undefined;
  seconds: number;
  /** The caller's own trace (W3C). */
  traceparent?: string | undefined;
  /** Of a question, in milliseconds. */
  timings?: AnswerTimings | undefined;
}

export interface HttpServer {
  node: Server;
  listen(address: { host: string; port: number }): Promise<string>;
  readonly connections: number;
  /**
   * Takes no new connections, answers what comes on those that are open, each with `Connection: close`, and settles when all are
   * gone. What is not finished in time is cut.
   */
  drain(seconds: number): Promise<void>;
}

/** A connection that has had so long to ask since the last answer did not mean to; a busy client may take a while. */
const quietMs = 1000;
/** A client that has closed its side may still read; whether it does is asked after so long, twice. */
const halfClosedMs = [250, 350];
/** So long is read and thrown away what a client sends after bytes that are no request. */
const refusedMs = 2000;

/** What is counted in the place of a status where the client left before there was one: nginx's number for it. */
const clientClosed = 499;

interface Connection {
  /** Requests without a whole answer. */
  pending: number;
  quietSinceMs: number;
  /** Whether `100 Continue` may be said: to HTTP/1.0 that would be the answer. */
  knowsContinue: boolean;
}

/** What the app notes of a request for others. */
export type Answering = IncomingMessage & { sendContinue?: () => void; route?: string; timings?: AnswerTimings };

export function createHttpServer(options: ServerOptions): HttpServer {
  const listener = getRequestListener(options.fetch as never, {
    hostname: 'localhost', // HTTP/1.0 needs no Host
    errorHandler: () => refuse(400, 'invalid_request', 'Expected a request with a valid address and Host.'),
  });
  const sockets = new Map<Socket, Connection>();
  let isDraining = false;

  const stallMs = options.idleSeconds * 1000;
  const mustClose = () => isDraining;

  const handle = (incoming: Answering, outgoing: Reply) => {
    const startMs = performance.now();
    const id = requestId(incoming.headers['x-request-id']);
    outgoing.options = { requestId: id, stallMs, mustClose };
    const state = sockets.get(incoming.socket);
    if (state) {
      state.pending++;
      state.knowsContinue = incoming.httpVersion !== '1.0';
      outgoing.on('close', () => {
        state.pending--;
        state.quietSinceMs = performance.now();
        options.onRequest?.({
          id,
          method: incoming.method ?? '',
          route: incoming.route ?? 'other',
          status: outgoing.headersSent ? outgoing.statusCode : clientClosed,
          seconds: (state.quietSinceMs - startMs) / 1000,
          traceparent: incoming.headers.traceparent as string | undefined,
          timings: incoming.timings,
        });
      });
    }
    void listener(incoming, outgoing);
  };

  const node = createServer<typeof IncomingMessage, typeof Reply>(
    {
      ServerResponse: Reply,
      keepAliveTimeout: Math.ceil(options.idleSeconds * 1000),
      headersTimeout: Math.ceil(options.headerSeconds * 1000),
      requestTimeout: Math.ceil(Math.min(options.requestSeconds * 1000, 2 ** 32 - 1)), // Node holds no more
      connectionsCheckingInterval: 1000,
      requireHostHeader: false, // Node's own refusal has no body
      noDelay: true,
    },
    handle,
  );
  node.maxConnections = options.maxConnections;
  // A client that has said all may close its side and read on (`nc -N`, HAProxy's checks).
  Reflect.set(node, 'httpAllowHalfOpen', true);

  node.on('checkContinue', (incoming: Answering, outgoing) => {
    // Said when the body is wanted: a refusal comes instead.
    incoming.sendContinue = () => outgoing.writeContinue();
    handle(incoming, outgoing);
  });
  node.on('checkExpectation', (_, outgoing) => {
    const body = errorJson('expectation_failed', 'Expected no Expect header but 100-continue.');
    outgoing.writeHead(417, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    });
    outgoing.end(body);
  });
  const refused = new WeakSet<Socket>();
  /** Of what reaches no route. What the client is still sending is read for a while: to close over it would be a reset, which can destroy the reply. */
  const refuseSocket = (socket: Socket, [status, type, message]: BadRequest) => {
    refused.add(socket);
    const body = errorJson(type, message);
    const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
    socket.end(`${head}\r\n\r\n${body}`);
    const timer = setTimeout(() => socket.destroy(), refusedMs);
    socket
      .on('error', () => socket.destroy())
      .once('end', () => socket.destroySoon())
      .resume();
    socket.once('close', () => clearTimeout(timer));
  };
  node.on('connect', (_, socket) => {
    refuseSocket(socket as Socket, [
      '405 Method Not Allowed',
      'method_not_allowed',
      'Expected no CONNECT: this server is no proxy.',
    ]);
  });
  node.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (refused.has(socket) && error.code !== 'ECONNRESET') return; // each chunk that comes is an error anew
    if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy();
    // An answer that has begun is not mixed with another.
    if (hasBegunAnswer(socket)) return socket.destroy();
    refuseSocket(socket, badRequests[error.code ?? ''] ?? noRequest);
  });
  node.on('connection', (socket: Socket) => {
    const state = { pending: 0, quietSinceMs: performance.now(), knowsContinue: true };
    sockets.set(socket, state);
    socket.on('close', () => sockets.delete(socket));
    socket.on('end', () => {
      // Gone, or half closed? Who is gone answers the first with a reset, which the second finds, and its request ends; others skip both.
      const ask = () => {
        if (state.pending > 0 && state.knowsContinue && socket.writable && !hasBegunAnswer(socket))
          socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      };
      for (const milliseconds of halfClosedMs) setTimeout(ask, milliseconds).unref();
    });
  });

  return {
    node,
    get connections() {
      return sockets.size;
    },
    listen: (address) => listen(node, address),
    async drain(seconds) {
      isDraining = true;
      await new Promise(setImmediate); // whoever has knocked is let in before the door closes
      // Not http's own close: it cuts every connection that has no request at this moment, also one whose next is on its way.
      const closed = new Promise((resolve) => NetServer.prototype.close.call(node, resolve));
      let quietBefore = new Set<Socket>();
      const sweep = setInterval(() => {
        const nowMs = performance.now();
        const isQuiet = ({ pending, quietSinceMs }: Connection) => pending === 0 && nowMs - quietSinceMs > quietMs;
        const quiet = new Set([...sockets].filter(([, state]) => isQuiet(state)).map(([socket]) => socket));
        // Twice: between two sweeps is read what has come while this thread was busy.
        for (const socket of quiet) if (quietBefore.has(socket)) socket.destroy();
        quietBefore = quiet;
      }, 50);
      await Promise.race([closed, sleep(seconds * 1000, undefined, { ref: false })]);
      clearInterval(sweep);
      node.closeAllConnections();
    },
  };
}

const idPrefix = `${randomBytes(6).toString('hex')}-`;
let requests = 0;

/** The caller's, where it is one that logs can hold. */
export function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : idPrefix + (requests++).toString(36);
}

type BadRequest = [status: string, type: string, message: string];
const noRequest: BadRequest = [
  '400 Bad Request',
  'invalid_request',
  'Expected an HTTP request but these bytes are none.',
];
const badRequests: Record<string, BadRequest> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'too_large',
    'Expected headers of at most 16 kB in all. Send shorter ones.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'too_slow', 'The request came too slowly. Send it faster.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'too_large', 'Expected chunks without long extensions.'],
};

function hasBegunAnswer(socket: Socket): boolean {
  return (socket as Socket & { _httpMessage?: Reply })._httpMessage?.headersSent ?? false;
}

function refuse(status: number, type: string, message: string): Response {
  return new Response(errorJson(type, message), { status, headers: { 'Content-Type': 'application/json' } });
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(explain(cause, { host, port })));
    server.listen({ port, host, backlog: 1024 }, () => resolve(urlOf(server)));
  });
}

function explain(cause: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} of ${host} is taken by another program. Stop that one, or choose another with --port ${port + 1}.`,
    EACCES: `Port ${port} needs rights that this user lacks. Choose one above 1023 with --port 3000.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Try --host 127.0.0.1, or 0.0.0.0 for all.`,
    ENOTFOUND: `${host} is not an address of this machine. Try --host 127.0.0.1, or 0.0.0.0 for all.`,
  };
  const reason = reasons[cause.code ?? ''];
  return reason ? new InputError(reason, 'invalid_request', { cause }) : cause;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen.');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
