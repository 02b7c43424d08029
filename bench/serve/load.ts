import { connect, type Socket } from 'node:net';

/** One request, made once: what is measured is the server. */
export interface PreparedRequest {
  port: number;
  /** Head and body as they go over the wire. */
  bytes: Buffer;
}

export interface Load {
  /** Milliseconds of each answered request, from its first byte to the answer's last. */
  latencies: number[];
  /** Answers other than 200, and connections that broke. */
  failures: number;
  seconds: number;
  /** The body of the last answer. */
  answer: string;
}

/** @returns `POST /v1/correspondence` with a form as curl makes it, of files and texts. */
export function prepareRequest(
  port: number,
  { audio, image }: { audio: Uint8Array; image: Uint8Array },
  texts: Record<string, string> = {},
): PreparedRequest {
  const boundary = 'bench-0123456789abcdef';
  const part = (name: string, bytes: Uint8Array) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n`,
    'Content-Type: application/octet-stream\r\n\r\n',
    bytes,
    '\r\n',
  ];
  const text = ([name, value]: [string, string]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const parts = [
    ...Object.entries(texts).map(text),
    ...part('audio', audio),
    ...part('image', image),
    `--${boundary}--\r\n`,
  ];
  const body = Buffer.concat(parts.map((piece) => Buffer.from(piece as Uint8Array)));
  const head =
    'POST /v1/correspondence HTTP/1.1\r\nHost: 127.0.0.1\r\n' +
    `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return { port, bytes: Buffer.concat([Buffer.from(head), body]) };
}

/** So many connections, each with one request after the other. */
export async function closedLoop(
  request: PreparedRequest,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Load> {
  const load = emptyLoad();
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  const keepAsking = async () => {
    let client = await openClient(request.port);
    while (performance.now() < endMs) {
      const askedMs = performance.now();
      const answer = await client.ask(request.bytes);
      if (answer === null) {
        load.failures++;
        client = await openClient(request.port);
      } else count(load, answer, askedMs);
    }
    client.end();
  };
  await Promise.all(Array.from({ length: connections }, keepAsking));
  load.seconds = (performance.now() - startMs) / 1000;
  return load;
}

/** So many requests a second, whether or not the ones before have their answer: what waits counts from when it was due. */
export async function openLoop(
  request: PreparedRequest,
  { rate, seconds }: { rate: number; seconds: number },
): Promise<Load> {
  const load = emptyLoad();
  const idle: Client[] = [];
  const pending: Promise<void>[] = [];
  const startMs = performance.now();
  const ask = async (dueMs: number) => {
    const client = idle.pop() ?? (await openClient(request.port));
    const answer = await client.ask(request.bytes);
    if (answer === null) load.failures++;
    else {
      count(load, answer, dueMs);
      idle.push(client);
    }
  };
  for (let sent = 0; sent < rate * seconds; ) {
    const dueMs = startMs + (1000 * sent) / rate;
    const leftMs = dueMs - performance.now();
    if (leftMs > 1) await new Promise((resolve) => setTimeout(resolve, leftMs));
    else {
      pending.push(ask(dueMs).catch(() => void load.failures++));
      sent++;
    }
  }
  await Promise.all(pending);
  for (const client of idle) client.end();
  load.seconds = (performance.now() - startMs) / 1000;
  return load;
}

function emptyLoad(): Load {
  return { latencies: [], failures: 0, seconds: 0, answer: '' };
}

function count(load: Load, { status, body }: Answer, sinceMs: number): void {
  if (status !== 200) load.failures++;
  load.latencies.push(performance.now() - sinceMs);
  load.answer = body;
}

export interface Answer {
  status: number;
  body: string;
  /** Whether the server closes the connection after it. */
  closes: boolean;
}

export interface Client {
  /** @returns null where the connection broke. */
  ask(request: Buffer): Promise<Answer | null>;
  end(): void;
}

/** Reads just enough of HTTP: a status and a body whose length is said. A full client would take more time than some servers. */
export async function openClient(port: number): Promise<Client> {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let received = '';
  let settle: ((answer: Answer | null) => void) | undefined;
  const broken = () => settle?.(null);
  socket.on('error', broken).on('close', broken);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const head = received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(received)?.[1] ?? 0);
    if (received.length < head + 4 + length) return;
    const answer = {
      status: Number(received.slice(9, 12)),
      body: received.slice(head + 4, head + 4 + length),
      closes: /\r\nconnection: *close/i.test(received.slice(0, head)),
    };
    received = '';
    settle?.(answer);
  });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return {
    ask(request) {
      return new Promise((resolve) => {
        settle = resolve;
        if (socket.destroyed) return resolve(null);
        socket.write(request);
      });
    },
    end: () => socket.end(),
  };
}
