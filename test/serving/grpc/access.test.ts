import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, loadPackageDefinition, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGrpcServer, type GrpcServer } from '../../../serving/grpc/server.ts';
import type { OipService } from '../../../serving/oip/service.ts';
import { readApiKeys } from '../../../serving/ops/keys.ts';
import { createRateLimit } from '../../../serving/ops/rateLimit.ts';

// biome-ignore lint/suspicious/noExplicitAny: a client as the .proto has it
let client: any;
let server: GrpcServer;

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'clapper-grpc-')), 'keys');
  const line = (name: string, key: string) => `${name}:${createHash('sha256').update(key).digest('hex')}\n`;
  writeFileSync(file, line('ann', 'one') + line('ben', 'two'));
  server = createGrpcServer({
    oip: { server: { name: 'clapper', version: '0', extensions: [] }, isReady: () => true } as unknown as OipService,
    access: { keys: await readApiKeys(file), rateLimit: createRateLimit(2) },
    maxBytes: 1e6,
    timeoutMs: 1000,
    onTrouble: (error) => console.error(error),
  });
  const port = await server.listen({ host: '127.0.0.1', port: 0 });
  const proto = loadPackageDefinition(loadSync('serving/grpc/open_inference_grpc.proto'));
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  const { GRPCInferenceService } = (proto as any).inference;
  client = new GRPCInferenceService(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.drain(1);
});

/** @returns the status of a call. */
function call(method: 'ServerMetadata' | 'ServerReady', key?: string): Promise<status> {
  const metadata = new Metadata();
  if (key) metadata.set('authorization', `Bearer ${key}`);
  return new Promise((resolve) =>
    client[method]({}, metadata, (error: ServiceError | null) => resolve(error?.code ?? status.OK)),
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

const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

test.runIf(hasIpv6)('an IPv6 address is listened at', async () => {
  const other = createGrpcServer({
    oip: { server: { name: 'clapper', version: '0', extensions: [] }, isReady: () => true } as unknown as OipService,
    access: { keys: null, rateLimit: null },
    maxBytes: 1e6,
    timeoutMs: 1000,
    onTrouble: (error) => console.error(error),
  });
  expect(await other.listen({ host: '::1', port: 0 })).toBeGreaterThan(0);
  await other.drain(0);
});
