import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { afterEach, expect, type Mock, test, vi } from 'vitest';
import { createGrpcServer, type GrpcServer } from '../../../serving/grpc/server.ts';
import { type BodyBudget, type BodyBudgetOptions, createBodyBudget } from '../../../serving/http/admission.ts';
import type { AnsweredRequest } from '../../../serving/http/server.ts';
import type { OipService } from '../../../serving/oip/service.ts';
import type { ApiKeys } from '../../../serving/ops/keys.ts';

let server: GrpcServer | undefined;
let session: ClientHttp2Session | undefined;
let port: number;
afterEach(async () => {
  session?.destroy();
  await server?.drain(0);
});

interface Started {
  bodies: BodyBudget;
  answered: AnsweredRequest[];
  /** The models, which never answer. */
  infer: Mock;
  /** Begins a call of a message of so many bytes. */
  ask: (messageBytes: number, headers?: Record<string, string>) => Asked;
}
interface Asked {
  stream: ClientHttp2Stream;
  /** The status that it ends with. */
  code: Promise<status | undefined>;
}

async function start(
  budget: Partial<BodyBudgetOptions> = {},
  keys: ApiKeys | null = null,
  idleSeconds = 75,
): Promise<Started> {
  const all = { maxBytes: 25e6, totalBytes: 50e6, graceSeconds: 10, minBytesPerSecond: 1e4, ...budget };
  const bodies = createBodyBudget(all);
  const answered: AnsweredRequest[] = [];
  const infer = vi.fn(() => new Promise(() => {}));
  server = createGrpcServer({
    oip: { infer } as unknown as OipService,
    access: { keys, rateLimit: null, callerAddress: (peer) => peer },
    bodies,
    idleSeconds,
    timeoutMs: 1000,
    onRequest: (one) => answered.push(one),
    onTrouble: (error) => console.error(error),
  });
  port = await server.listen({ host: '127.0.0.1', port: 0 });
  session = connect(`http://127.0.0.1:${port}`);
  return {
    bodies,
    answered,
    infer,
    ask: (messageBytes, headers) => ask(session as ClientHttp2Session, messageBytes, headers),
  };
}

/** As a client of no library: a message may come in part. */
function ask(client: ClientHttp2Session, messageBytes: number, headers = {}): Asked {
  const stream = client.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  const head = Buffer.alloc(5);
  head.writeUInt32BE(messageBytes, 1);
  stream.write(head);
  const code = new Promise<status | undefined>((resolve) => {
    stream.on('response', (sent) => resolve(Number(sent['grpc-status'])));
    stream.on('close', () => resolve(undefined));
  });
  return { stream, code };
}

test('messages that are being received are held in memory up to a limit, and those that do not come on are refused', async () => {
  const { bodies, ask } = await start({ totalBytes: 1e6, graceSeconds: 1, minBytesPerSecond: 1e6 });
  const stalled = Array.from({ length: 8 }, () => ask(1e6));
  for (const { stream } of stalled) stream.write(Buffer.alloc(200_000));
  await vi.waitFor(() => expect(bodies.heldBytes).toBeGreaterThan(790_000));
  expect(bodies.heldBytes).toBeLessThanOrEqual(1e6);
  const codes = await Promise.all(stalled.map(({ code }) => code));
  // A second later those that were held are too slow.
  const sorted = [status.DEADLINE_EXCEEDED, status.RESOURCE_EXHAUSTED];
  expect([...new Set(codes)].sort()).toEqual(sorted);
  await vi.waitFor(() => expect([bodies.heldBytes, bodies.receiving]).toEqual([0, 0]));
});

test('who has no key is told before the message is received', async () => {
  const { bodies, ask } = await start({}, { nameOf: (token) => (token === 'one' ? 'ann' : null) });
  expect(await ask(1e6).code).toBe(status.UNAUTHENTICATED);
  expect(await ask(1e6, { authorization: 'Bearer two' }).code).toBe(status.UNAUTHENTICATED);
  const { stream } = ask(1e6, { authorization: 'Bearer one' });
  stream.write(Buffer.alloc(1000));
  await vi.waitFor(() => expect(bodies.heldBytes).toBe(1005));
});

test.each([
  ['inputs without anything', 0x2a],
  ['parameters without anything', 0x22],
  ['numbers that are no raw contents', 0x08],
])('a message of %s does not hold the thread', async (_, field) => {
  const { ask } = await start();
  const message = Buffer.alloc(2_000_000);
  for (let at = 0; at < message.length; at += 2) message[at] = field;
  const { stream, code } = ask(message.length);
  const before = process.cpuUsage();
  stream.end(message);
  expect(await code).toBe(status.INVALID_ARGUMENT);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(500); // 1,400 ms where it was made into objects
});

test.each([
  ['ten seconds of sound at 48 kHz', 'FP32', 480_000, true],
  ['a white photo of 224 × 224', 'UINT8', 224 * 224 * 3, true],
  ['a minute at 16 kHz', 'FP32', 960_000, false],
])('numbers that are written out: %s', async (_, datatype, count, isTaken) => {
  const { ask, infer } = await start();
  const file = fileURLToPath(new URL('../../../serving/grpc/open_inference_grpc.proto', import.meta.url));
  const type = (await protobuf.load(file)).lookupType('inference.ModelInferRequest');
  const numbers = Array.from({ length: count }, () => 255);
  const contents = datatype === 'FP32' ? { fp32Contents: numbers } : { uintContents: numbers };
  const message = type
    .encode(type.create({ modelName: 'one', inputs: [{ name: 'a', datatype, shape: [1, count], contents }] }))
    .finish();
  const { stream, code } = ask(message.length);
  stream.end(message);
  if (isTaken) await vi.waitFor(() => expect(infer).toHaveBeenCalledOnce(), { timeout: 4000 });
  else expect(await code).toBe(status.INVALID_ARGUMENT);
  expect(infer).toHaveBeenCalledTimes(isTaken ? 1 : 0);
});

test('every call is told of when it has ended, with what it was told, and by its id', async () => {
  const { answered, ask } = await start();
  const told = ask(3, { 'x-request-id': 'asked-1', traceparent: 'a-trace' });
  told.stream.end(Buffer.from([0xff, 0xff, 0xff]));
  expect(await told.code).toBe(status.INVALID_ARGUMENT);
  const large = ask(26e6);
  expect(await large.code).toBe(status.RESOURCE_EXHAUSTED); // grpc-js itself refuses it
  large.stream.close();
  const left = ask(0);
  left.stream.end();
  await vi.waitFor(() => expect(answered).toHaveLength(2));
  left.stream.close();
  await vi.waitFor(() => expect(answered).toHaveLength(3));
  const route = '/inference.GRPCInferenceService/ModelInfer';
  expect(answered[0]).toMatchObject({ id: 'asked-1', method: 'POST', route, traceparent: 'a-trace' });
  expect(answered.map(({ status: http, grpcCode }) => [http, grpcCode])).toEqual([
    [400, status.INVALID_ARGUMENT],
    [429, status.RESOURCE_EXHAUSTED],
    [499, status.CANCELLED],
  ]);
  expect(answered[2]?.id).toMatch(/^[\w-]+$/);
});

test('calls that are taken back in the same breath leave nothing behind', async () => {
  const { bodies, answered, ask } = await start();
  const socket = connectSocket(port, '127.0.0.1');
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  // RFC 7541's static table: POST, http, :path, :authority, content-type.
  const headers = [
    Buffer.from([0x83, 0x86, 0x04]),
    text('/inference.GRPCInferenceService/ModelInfer'),
    Buffer.from([0x01]),
    text('localhost'),
    Buffer.from([0x0f, 0x10]),
    text('application/grpc'),
  ];
  const frames = [Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))];
  for (let stream = 1; stream < 40; stream += 2) {
    frames.push(frame(1, 4, stream, Buffer.concat(headers)), frame(3, 0, stream, Buffer.from([0, 0, 0, 8])));
  }
  socket.write(Buffer.concat(frames));
  const { stream, code } = ask(3);
  stream.end(Buffer.from([0xff, 0xff, 0xff]));
  expect(await code).toBe(status.INVALID_ARGUMENT);
  await vi.waitFor(() => expect(answered.filter(({ status: http }) => http === 499)).toHaveLength(20));
  await vi.waitFor(() => expect([bodies.heldBytes, bodies.receiving]).toEqual([0, 0]));
  socket.destroy();
});

test('a client that does not read its answer is cut; until then the answer is held, and not what was asked', async () => {
  const { bodies, answered, infer } = await start({}, null, 0.2);
  const data = new Float32Array(2000);
  const outputs = [{ name: 'a', datatype: 'FP32', shape: [data.length], data }];
  infer.mockResolvedValue({ model_name: 'one', model_version: 'fp32', outputs });
  const deaf = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
  const { stream } = ask(deaf, 20_000);
  stream.end(Buffer.concat([Buffer.from([0x1a, 0x9c, 0x9c, 0x01]), Buffer.alloc(19_996)])); // a long id: field 3
  await vi.waitFor(() => expect(bodies.heldBytes).toBe(data.byteLength));
  const beganMs = performance.now();
  await vi.waitFor(() => expect(answered).toMatchObject([{ status: 499 }]), { timeout: 5000 });
  expect(performance.now() - beganMs).toBeGreaterThan(400); // 0.2 s, and 8,000 bytes at the slowest allowed
  expect(bodies.heldBytes).toBe(0);
  deaf.destroy();
});

test('connections on which nothing is asked are closed after a while, whether or not they speak the protocol', async () => {
  await start({}, null, 0.5);
  const silent = connectSocket(port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  await vi.waitFor(() => expect([session?.closed, silent.closed]).toEqual([true, true]), { timeout: 5000 });
});

test('of one connection so many calls are taken at a time', async () => {
  await start();
  await vi.waitFor(() => expect(session?.remoteSettings.maxConcurrentStreams).toBe(1000));
});
