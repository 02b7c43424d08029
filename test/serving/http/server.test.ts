import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import {
  type AnsweredRequest,
  createHttpServer,
  type HttpServer,
  type ServerOptions,
} from '../../../serving/http/server.ts';

let server: HttpServer | undefined;
afterEach(() => server?.drain(0));

async function start(options: Partial<ServerOptions> = {}): Promise<number> {
  server = createHttpServer({
    fetch: () => new Response('answer'),
    idleSeconds: 5,
    headerSeconds: 5,
    requestSeconds: 30,
    maxConnections: 10,
    ...options,
  });
  return Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
}

const opened = (port: number) =>
  new Promise<Socket>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(socket));
  });

test('a client of HTTP/1.0 that closes its side is told nothing before the answer', async () => {
  const port = await start({
    async fetch() {
      await sleep(400); // longer than until it is asked whether a half-closed client still reads
      return new Response('answer');
    },
  });
  for (const [version, begins] of [
    ['1.0', /^HTTP\/1\.1 200/],
    ['1.1', /^(HTTP\/1\.1 100 Continue\r\n\r\n){2}HTTP\/1\.1 200/],
  ] as const) {
    const socket = await opened(port);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.end(`GET / HTTP/${version}\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => socket.on('end', resolve));
    socket.destroy();
    expect(text).toMatch(begins);
  }
});

test('a client that does not read its answer is cut, one that takes its time is not', async () => {
  const answer = new Uint8Array(30e6);
  const port = await start({ fetch: () => new Response(answer), idleSeconds: 0.5 });
  const ask = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const silent = await opened(port);
  silent.write(ask);
  const slow = await opened(port);
  let bytes = 0;
  slow.on('data', (chunk) => {
    bytes += chunk.length;
    slow.pause();
    setTimeout(() => slow.resume(), 2);
  });
  const slowEnd = new Promise((resolve) => slow.on('end', resolve));
  slow.write(ask);
  await expect.poll(() => server?.connections, { timeout: 10_000 }).toBe(1);
  silent.destroy();
  await slowEnd;
  expect(bytes).toBeGreaterThan(30e6);
  slow.destroy();
});

test('a client that leaves while it waits is noticed, and counted as one that left', async () => {
  const counted: AnsweredRequest[] = [];
  const port = await start({
    fetch: () => sleep(10_000).then(() => new Response()),
    onRequest: (one) => counted.push(one),
  });
  const socket = await opened(port);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await sleep(100);
  socket.destroy();
  await expect.poll(() => counted.map(({ status }) => status), { timeout: 5000 }).toEqual([499]);
});

test('times of any size may be set', async () => {
  await start({ headerSeconds: 1.005, idleSeconds: 0.3333, requestSeconds: 1e8 });
});

test('what is no request, or one for a proxy, is told so, also while its client goes on sending', async () => {
  const port = await start();
  for (const [sent, told] of [
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(3e6)}\r\n\r\n`, /^HTTP\/1\.1 431 .*"type":"too_large"/s],
    [`GET /${'y'.repeat(3e6)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 431 .*"type":"too_large"/s],
    ['\0'.repeat(3e6), /^HTTP\/1\.1 400 .*"type":"invalid_request"/s],
    ['CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n', /^HTTP\/1\.1 405 .*"type":"method_not_allowed"/s],
  ] as const) {
    const socket = await opened(port);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    const ended = new Promise((resolve, reject) => socket.on('end', resolve).on('error', reject));
    socket.write(sent);
    await ended;
    expect(text).toMatch(told);
    socket.destroy();
    const impatient = await opened(port);
    impatient.on('error', () => {});
    impatient.write(sent, () => impatient.resetAndDestroy()); // an error that nobody heeded would end the server
  }
});
