import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ask, formOf, get } from '../support/ask.ts';
import { type Server, startServer } from '../support/clapper.ts';
import { readDigitFiles } from '../support/digits.ts';

/** OTLP's JSON encoding (opentelemetry-proto, `ExportTraceServiceRequest`), as far as it is read here. */
interface Export {
  resourceSpans: {
    resource: { attributes: Attribute[] };
    scopeSpans: { spans: Span[] }[];
  }[];
}
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code?: number };
}
interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

const received: { path: string | undefined; headers: IncomingMessage['headers']; body: Export }[] = [];
const collector = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    received.push({ path: request.url, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
});
let server: Server;
let said = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const flags = ['--bundle', 'models/digits', '--workers', '1', '--grpc-port', '0', '--log-requests'];
  const onLog = (text: string) => {
    said += text;
  };
  server = await startServer(flags, onLog, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=sounds',
    OTEL_SERVICE_NAME: 'clapper-test',
  });
});
afterAll(() => {
  collector.close();
  server?.running.process.kill('SIGKILL');
});

test("a collector receives each request's span, under the caller's trace, with its stages inside", async () => {
  const { spoken, written } = await readDigitFiles();
  const good = { audio: spoken[3] as Uint8Array, image: written[3] as Uint8Array };
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'X-Request-Id': 'asked-1' };
  const url = `${server.url}/v1/correspondence`;
  expect((await fetch(url, { method: 'POST', body: formOf(good), headers })).status).toBe(200);
  expect((await ask(url, { audio: good.audio })).status).toBe(400);
  const notSampled = { traceparent: `00-${'1'.repeat(32)}-00f067aa0ba902b7-00` };
  expect((await get(`${server.url}/healthz`, { headers: notSampled })).status).toBe(200);
  const infer = `${'a'.repeat(31)}1`;
  await askByGrpc(`00-${infer}-00f067aa0ba902b7-01`);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const route = '/inference.GRPCInferenceService/ModelMetadata';
  expect(metrics).toContain(`clapper_requests_total{route="${route}",method="POST",status="404"} 1`);
  expect(said).toMatch(`"message":"request","id":"asked-2","method":"POST","route":"${route}","grpcCode":5`);
  await server.stop(); // what it has not sent yet it sends at its end

  expect(received.every(({ path }) => path === '/v1/traces')).toBe(true);
  expect(received[0]?.headers['x-team']).toBe('sounds');
  const [resource] = received[0]?.body.resourceSpans ?? [];
  expect(attributeOf(resource?.resource.attributes, 'service.name')).toBe('clapper-test');
  const spans = received.flatMap(({ body }) =>
    body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
  const asked = spans.find(({ traceId: id, kind }) => id === traceId && kind === 2) as Span; // SPAN_KIND_SERVER
  expect(asked).toMatchObject({ name: 'POST /v1/correspondence', parentSpanId: '00f067aa0ba902b7' });
  expect(Number(attributeOf(asked.attributes, 'http.response.status_code'))).toBe(200);
  expect(attributeOf(asked.attributes, 'clapper.request_id')).toBe('asked-1');
  const inside = spans.filter(({ parentSpanId }) => parentSpanId === asked.spanId);
  expect(inside.map(({ name }) => name).sort()).toEqual(['decode', 'infer', 'queue']);
  for (const span of [asked, ...inside]) {
    expect(Number(span.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(span.startTimeUnixNano));
  }
  const byGrpc = spans.find(({ traceId: id }) => id === infer);
  expect(byGrpc).toMatchObject({ name: route.slice(1), parentSpanId: '00f067aa0ba902b7', kind: 2 });
  expect(attributeOf(byGrpc?.attributes, 'rpc.system')).toBe('grpc');
  expect(Number(attributeOf(byGrpc?.attributes, 'rpc.grpc.status_code'))).toBe(5); // NOT_FOUND
  const refused = spans.find(({ attributes }) => Number(attributeOf(attributes, 'http.response.status_code')) === 400);
  expect(refused?.parentSpanId ?? '').toBe('');
  expect(spans.some(({ traceId: id }) => id === '1'.repeat(32))).toBe(false);
});

test('a protocol that is not spoken is said, and spans that a collector does not take, once a batch', async () => {
  const refusing = createServer((_, response) => response.writeHead(400).end());
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  };
  let told = '';
  const onLog = (text: string) => {
    told += text;
  };
  const other = await startServer(['--bundle', 'models/digits', '--workers', '1'], onLog, env);
  try {
    expect(told).toContain('traces are sent by http/json, not by grpc');
    await get(`${other.url}/healthz`);
    await vi.waitFor(() => expect(told).toMatch(/"traces are not sent","error":".*Bad Request/), 5000);
  } finally {
    await other.stop();
    refusing.close();
  }
});

/** For a model that there is not. */
async function askByGrpc(traceparent: string): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: a client as the .proto has it
  const proto: any = loadPackageDefinition(loadSync('serving/grpc/open_inference_grpc.proto', { keepCase: true }));
  const [, port] = /"serving gRPC","port":(\d+)/.exec(said) ?? [];
  const client = new proto.inference.GRPCInferenceService(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('traceparent', traceparent);
  metadata.set('x-request-id', 'asked-2');
  await new Promise((resolve) => client.ModelMetadata({ name: 'none' }, metadata, resolve));
  client.close();
}

function attributeOf(attributes: Attribute[] = [], key: string): string | number | undefined {
  const value = attributes.find((attribute) => attribute.key === key)?.value;
  return value?.stringValue ?? value?.intValue;
}

test('a collector that does not answer does not hold the end of a server', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const asked = await startServer(['--bundle', 'models/digits', '--workers', '1'], undefined, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  await get(`${asked.url}/healthz`);
  const beganMs = performance.now();
  expect((await asked.stop()).exitCode).toBe(0);
  expect(performance.now() - beganMs).toBeLessThan(8000); // its answer is waited for 10 s otherwise
  silent.closeAllConnections();
  silent.close();
});
