import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromJson } from '../../../serving/oip/tensors.ts';
import { readApiKeys } from '../../../serving/ops/keys.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { asking } from '../support/ask.ts';

/** The protocol's text: an error is `{"error": string}`. https://github.com/kserve/open-inference-protocol */
const protocolError = { error: expect.any(String) };

const row = (value: number) => Array.from({ length: 64 }, () => value);
const pair = ['audio_embedding', 'image_embedding'].map((name) => ({
  name,
  shape: [1, 64],
  datatype: 'FP32',
  data: row(0.1),
}));
const brackets = '['.repeat(150_000) + ']'.repeat(150_000);

let app: TestApp;
beforeAll(async () => {
  app = await startApp({ bundles: ['models/digits', 'models/nature'], modelControl: true });
});
afterAll(() => app?.stop());
const get = (path: string, init?: RequestInit) => asking((url, options) => app.fetch(url, options)).get(path, init);
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  get(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers });
const infer = (request: unknown, headers?: Record<string, string>) =>
  post('/v2/models/digits.match/infer', request, headers);

test('an address or a method that there is not, and a caller without a key, are told so as the protocol has it', async () => {
  expect(await get('/v2/nothing')).toMatchObject({ status: 404, body: protocolError });
  expect(await post('/v2', '')).toMatchObject({ status: 405, body: protocolError });
  expect(await get('/v2/models/letters.match')).toMatchObject({ status: 404, body: protocolError });
  const folder = await mkdtemp(join(tmpdir(), 'clapper-oip-'));
  const file = join(folder, 'keys');
  await writeFile(file, `robot:${createHash('sha256').update('secret').digest('hex')}\n`);
  const locked = await startApp({ keys: await readApiKeys(file) });
  try {
    const reply = await asking((url, init) => locked.fetch(url, init)).get('/v2/models/digits.match');
    expect(reply).toMatchObject({ status: 401, body: protocolError });
  } finally {
    await locked.stop();
    await rm(folder, { recursive: true });
  }
});

test('health is told in the words of the protocol, also where its document has a slash behind', async () => {
  // https://github.com/kserve/open-inference-protocol: inference_rest.md, open_inference_rest.yaml; KServe's client reads "ready".
  expect((await get('/v2/health/live')).body).toEqual({ live: true });
  expect((await get('/v2/health/ready')).body).toEqual({ live: true, ready: true });
  expect((await get('/v2/models/digits.match/ready')).body).toEqual({ name: 'digits.match', ready: true });
  expect((await get('/v2/models/digits.match/versions/fp16/ready')).body.ready).toBe(true);
  expect((await get('/v2/')).body).toEqual((await get('/v2')).body);
  expect((await get('/v2/models/digits.match')).body.platform).toBe('onnx_onnxv1'); // of the names that are allowed
  expect(await get('/v2/models//ready')).toMatchObject({ status: 404, body: protocolError });
});

test.each([
  ['data', `{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","data":${brackets}}]}`],
  ['a type', `{"inputs":[{"name":"a","shape":[1,2],"datatype":${brackets},"data":[1]}]}`],
  ['a shape', `{"inputs":[{"name":"a","shape":${brackets},"datatype":"FP32","data":[1]}]}`],
])('%s of 150,000 levels is too much, and no failure of ours', async (_, body) => {
  expect(await infer(body)).toMatchObject({ status: 413, body: { error: expect.stringContaining('64 levels') } });
});

test('what would be answered otherwise than it was asked is refused: extensions that are not there, numbers sent twice', async () => {
  expect((await infer({ inputs: pair })).status).toBe(200);
  for (const parameters of [{ classification: 1 }, { shared_memory_region: 'mine', shared_memory_byte_size: 4 }]) {
    const outputs = [{ name: 'probability', parameters }];
    expect(await infer({ inputs: pair, outputs })).toMatchObject({ status: 400, body: protocolError });
  }
  const twice = { inputs: pair.map((tensor) => ({ ...tensor, parameters: { binary_data_size: 256 } })) };
  const text = JSON.stringify(twice);
  const reply = await infer(text + '\0'.repeat(512), { 'Inference-Header-Content-Length': String(text.length) });
  expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining('received both') } });
});

test('an answer that would be too long in JSON goes as binary data', async () => {
  const [rows, names] = [256, Array.from({ length: 16 }, () => ({ name: 'audio_features' }))];
  const { body: about } = await get('/v2/models/digits.audio');
  const size = about.inputs[0].shape[1];
  const ask = (asked: object, rows: number) => {
    const parameters = { binary_data_size: 4 * rows * size };
    const inputs = [{ name: 'waveform', shape: [rows, size], datatype: 'FP32', parameters }];
    const header = Buffer.from(JSON.stringify({ inputs, ...asked }));
    const headers = { 'Inference-Header-Content-Length': String(header.length) };
    const body = Buffer.concat([header, Buffer.alloc(4 * rows * size)]);
    return app.fetch('/v2/models/digits.audio/infer', { method: 'POST', body, headers });
  };
  const refused = await ask({ outputs: names }, rows);
  expect([refused.status, await refused.text()]).toEqual([413, expect.stringContaining('would have 1572864')]);
  expect((await ask({ outputs: names }, 2)).status).toBe(200);
  const binary = await ask({ outputs: names, parameters: { binary_data_output: true } }, rows);
  expect([binary.status, (await binary.arrayBuffer()).byteLength > 16 * 4 * rows * 384]).toEqual([200, true]);
});

test('a shape that claims more numbers than there are takes no memory', () => {
  const before = process.memoryUsage().arrayBuffers;
  expect(() => fromJson('a', 'FP32', [1], 2 ** 26)).toThrow('Expected 67108864 numbers for "a" but received 1');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  expect(fromJson('a', 'UINT8', [[1, 2], [3]], 3)).toEqual(Uint8Array.of(1, 2, 3));
});

test('a compressed body is refused as such, by its header', async () => {
  for (const path of ['/v2/models/digits.match/infer', '/v1/correspondence']) {
    const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'multipart/form-data; boundary=b' };
    const { status, body } = await post(path, 'compressed', headers);
    expect([status, JSON.stringify(body)]).toEqual([415, expect.stringContaining('Content-Encoding gzip')]);
  }
});

test('statistics are of the version that is named', async () => {
  const versions = async (path: string) =>
    (await get(path)).body.model_stats.map(({ version }: { version: string }) => version);
  expect(await versions('/v2/models/digits.match/stats')).toEqual(['fp32', 'fp16', 'int8']);
  expect(await versions('/v2/models/digits.match/versions/int8/stats')).toEqual(['int8']);
  expect((await get('/v2/models/digits.match/versions/9/stats')).status).toBe(404);
});

describe('the repository', () => {
  test('is named among the extensions where it is there', async () => {
    expect((await get('/v2')).body.extensions).toContain('model_repository');
    const other = await startApp();
    try {
      const { get } = asking((url, init) => other.fetch(url, init));
      expect((await get('/v2')).body.extensions).toEqual(['binary_tensor_data', 'statistics']);
      expect((await get('/v2/repository/index', { method: 'POST' })).status).toBe(404);
    } finally {
      await other.stop();
    }
  });

  test('lists what is ready alone where that is asked; loads bundles as they are', async () => {
    expect(
      (await post('/v2/repository/models/nature/unload', { parameters: { unload_dependents: true } })).status,
    ).toBe(200);
    const names = async (body: string) =>
      (await post('/v2/repository/index', body)).body.map(({ name }: { name: string }) => name);
    expect(await names('')).toContain('nature');
    expect(await names('{"ready":false}')).toContain('nature');
    expect(await names('{"ready":true}')).not.toContain('nature');
    const refused = await post('/v2/repository/models/nature/load', { parameters: { config: '{}' } });
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining('config') } });
  });
});

test('who would have to wait too long is told so before the tensors are read', async () => {
  const full = await startApp({ limits: { queueItems: 0 } });
  let pulled = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1000));
    },
  });
  try {
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const { status, headers } = await full.fetch('/v2/models/digits.match/infer', init);
    expect([status, headers.has('Retry-After')]).toEqual([429, true]);
    expect(pulled).toBeLessThan(3);
  } finally {
    await full.stop();
  }
});
