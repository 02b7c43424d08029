import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, loadPackageDefinition, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InputError } from '#core/errors.ts';
import { createGrpcServer, type GrpcServer } from '../../../serving/grpc/server.ts';
import { createBodyBudget } from '../../../serving/http/admission.ts';
import type { OipService } from '../../../serving/oip/service.ts';
import { readApiKeys } from '../../../serving/ops/keys.ts';
import { createRateLimit } from '../../../serving/ops/rateLimit.ts';

// biome-ignore lint/suspicious/noExplicitAny: a client as the .proto has it
let client: any;
let server: GrpcServer;

// biome-ignore lint/suspicious/noExplicitAny: likewise
const proto: any = loadPackageDefinition(loadSync('serving/grpc/open_inference_grpc.proto', { keepCase: true }));
const { GRPCInferenceService } = proto.inference;

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'clapper-grpc-')), 'keys');
  const line = (name: string, key: string) => `${name}:${createHash('sha256').update(key).digest('hex')}\n`;
  writeFileSync(file, line('ann', 'one') + line('ben', 'two') + line('cat', 'six'));
  server = createGrpcServer({
    oip: {
      server: { name: 'clapper', version: '0', extensions: [] },
      isReady: () => true,
      metadata(name: string) {
        throw new InputError(`There is no model "${name}".`, 'not_found');
      },
    } as unknown as OipService,
    access: { keys: await readApiKeys(file), rateLimit: createRateLimit(2), callerAddress: (peer) => peer },
    bodies: createBodyBudget({ maxBytes: 1e6, totalBytes: 1e6, graceSeconds: 1, minBytesPerSecond: 1 }),
    idleSeconds: 75,
    timeoutMs: 1000,
    onTrouble: (error) => console.error(error),
  });
  const port = await server.listen({ host: '127.0.0.1', port: 0 });
  client = new GRPCInferenceService(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.drain(1);
});

/** @returns the status of a call. */
function call(method: 'ServerMetadata' | 'ServerReady' | 'ModelMetadata', key?: string, name = ''): Promise<status> {
  const metadata = new Metadata();
  if (key) metadata.set('authorization', `Bearer ${key}`);
  return new Promise((resolve) =>
    client[method]({ name }, metadata, (error: ServiceError | null) => resolve(error?.code ?? status.OK)),
  );
}

test('over gRPC too each key is known, and may ask so often a minute', async () => {
  expect(await call('ServerMetadata')).toBe(status.UNAUTHENTICATED);
  expect(await call('ServerMetadata', 'three')).toBe(status.UNAUTHENTICATED);
  expect(await call('ServerMetadata', 'one')).toBe(status.OK);
  expect(await call('ServerMetadata', 'one')).toBe(status.OK);
  expect(await call('ServerMetadata', 'one')).toBe(status.RESOURCE_EXHAUSTED);
  expect(await call('ServerMetadata', 'two')).toBe(status.OK);
  expect(await call('ServerReady')).toBe(status.OK);
});

/** Of an app whose answers never come. */
async function listen(host: string, totalBytes = 1e6): Promise<{ other: GrpcServer; port: number }> {
  const other = createGrpcServer({
    oip: { infer: () => new Promise(() => {}) } as unknown as OipService,
    access: { keys: null, rateLimit: null, callerAddress: (peer) => peer },
    bodies: createBodyBudget({ maxBytes: 1e6, totalBytes, graceSeconds: 1, minBytesPerSecond: 1 }),
    idleSeconds: 75,
    timeoutMs: 1000,
    onTrouble: (error) => console.error(error),
  });
  return { other, port: await other.listen({ host, port: 0 }) };
}

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

test.runIf(hasIpv6)('an IPv6 address is listened at', async () => {
  const { other, port } = await listen('::1');
  expect(port).toBeGreaterThan(0);
  await other.drain(0);
});

test('tensors that are worked on are held in memory up to a limit, more are refused, and those that came twice', async () => {
  const { other, port } = await listen('127.0.0.1', 1500);
  const asking = new GRPCInferenceService(`127.0.0.1:${port}`, credentials.createInsecure());
  const codes: (status | undefined)[] = [];
  const tensor = { name: 'waveform', datatype: 'FP32', shape: [1, 250] };
  for (let i = 0; i < 2; i++) {
    const request = { model_name: 'digits.audio', inputs: [tensor], raw_input_contents: [Buffer.alloc(1000)] };
    asking.ModelInfer(request, (error: ServiceError | null) => codes.push(error?.code));
  }
  await vi.waitFor(() => expect(codes).toEqual([status.RESOURCE_EXHAUSTED]));
  const twice = { inputs: [{ ...tensor, contents: { fp32_contents: [1] } }], raw_input_contents: [Buffer.alloc(100)] };
  asking.ModelInfer(twice, (error: ServiceError | null) => codes.push(error?.code));
  await vi.waitFor(() => expect(codes.at(-1)).toBe(status.INVALID_ARGUMENT));
  asking.close();
  await other.drain(0);
});

test('a message that would repeat a long name is short enough for the connection', async () => {
  for (const name of ['n'.repeat(200_000), `${'n'.repeat(779)}${'🎵'.repeat(1000)}`]) {
    expect(await call('ModelMetadata', 'six', name)).toBe(status.NOT_FOUND);
  }
  expect(await call('ServerReady')).toBe(status.OK);
}, 5000);
