import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addPage } from '../../../serving/http/routes/page.ts';
import { startApp, type TestApp } from '../support/app.ts';

const script = 'export const answer = 42;\n'.repeat(100);
const runtime = Buffer.alloc(1_000_000, 'wasm');
let folder: string;
let app: TestApp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-static-'));
  await mkdir(join(folder, 'assets'));
  const write = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content);
    await writeFile(join(folder, `${name}.br`), brotliCompressSync(content));
    await writeFile(join(folder, `${name}.gz`), gzipSync(content));
  };
  await write('index.html', '<!doctype html><title>Clapper</title>');
  await write('assets/main-1a2b.js', script);
  await write('assets/runtime-3c4d.wasm', runtime);
  await writeFile(join(folder, 'sw.js'), '// not compressed');
  app = await startApp({ pageFolder: folder });
});
afterAll(async () => {
  await app.stop();
  await rm(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => app.fetch(path, { headers });
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

test.each([
  ['br, gzip', 'br', brotliDecompressSync],
  ['gzip, deflate', 'gzip', gunzipSync],
  ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
  ['br;q=0, *', 'gzip', gunzipSync],
  ['identity', null, (bytes: Buffer) => bytes],
])('who accepts %s gets %s, and the same content', async (accept, encoding, decompress) => {
  for (const [path, content, type] of [
    ['/assets/main-1a2b.js', Buffer.from(script), /^text\/javascript/],
    ['/assets/runtime-3c4d.wasm', runtime, /^application\/wasm$/],
  ] as const) {
    const response = await get(path, { 'Accept-Encoding': accept });
    expect(response.headers.get('Content-Encoding')).toBe(encoding);
    expect(response.headers.get('Content-Type')).toMatch(type);
    expect(response.headers.get('Vary')).toBe('Accept-Encoding');
    expect(response.headers.get('Cache-Control')).toContain('immutable');
    const body = await bytesOf(response);
    expect(Number(response.headers.get('Content-Length'))).toBe(body.length);
    expect(decompress(body).equals(content)).toBe(true);
  }
});

test('each encoding has an ETag of its own, which saves sending it again', async () => {
  const tags = new Set<string>();
  for (const accept of ['br', 'gzip', 'identity']) {
    const headers = { 'Accept-Encoding': accept };
    const etag = (await get('/', headers)).headers.get('ETag') as string;
    tags.add(etag);
    const again = await get('/', { ...headers, 'If-None-Match': `"other", W/${etag}` });
    expect([again.status, (await bytesOf(again)).length]).toEqual([304, 0]);
  }
  expect(tags.size).toBe(3);
  expect((await get('/')).headers.get('Cache-Control')).toBe('no-cache');
});

test('HEAD says what GET would, without the body; what is not compressed is sent as it is', async () => {
  const head = await app.fetch('/assets/runtime-3c4d.wasm', { method: 'HEAD' });
  expect([head.status, head.headers.get('Content-Length'), (await bytesOf(head)).length]).toEqual([200, '1000000', 0]);
  const plain = await get('/sw.js', { 'Accept-Encoding': 'br, gzip' });
  expect([plain.headers.get('Content-Encoding'), await plain.text()]).toEqual([null, '// not compressed']);
});

test('nothing outside the folder is sent', async () => {
  for (const path of [
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets',
    '/assets/',
    '/%00',
    '/%',
    '/index.html%00.js',
  ]) {
    expect((await get(path)).status, path).toBe(404);
  }
});

test('pages and the scripts of workers may ask this origin alone', async () => {
  for (const path of ['/', '/assets/main-1a2b.js', '/sw.js']) {
    const policy = (await get(path)).headers.get('Content-Security-Policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
  }
});

test("a bundle's example files come with their types", async () => {
  expect((await get('/models/digits/written-7-1.png')).headers.get('Content-Type')).toBe('image/png');
  expect(
    (await get('/models/digits/manifest.json', { 'Accept-Encoding': 'gzip' })).headers.get('Content-Encoding'),
  ).toBe('gzip');
});

test("a bundle's files that are gone, or changed since it was loaded, are not sent in the place of those that were", async () => {
  const bundle = join(await mkdtemp(join(tmpdir(), 'clapper-bundle-')), 'digits');
  await cp('models/digits', bundle, { recursive: true });
  const changing = await startApp({ bundles: [bundle], pageFolder: folder });
  try {
    await writeFile(join(bundle, 'audio.onnx'), 'another');
    await rm(join(bundle, 'image.onnx'));
    await rm(join(bundle, 'MODEL_CARD.md'));
    for (const [file, message] of [
      ['audio.onnx', /audio.onnx was changed/],
      ['image.onnx', /image.onnx is gone/],
      ['MODEL_CARD.md', /There is nothing at/],
    ] as const) {
      const reply = await changing.fetch(`/models/digits/${file}`);
      expect(reply.status, file).toBe(404);
      expect((await reply.json()).error.message).toMatch(message);
    }
    expect((await changing.fetch('/models/digits/match.onnx')).status).toBe(200);
  } finally {
    await changing.stop();
    await rm(join(bundle, '..'), { recursive: true });
  }
});

test('a page that is not built yet says how to build it', async () => {
  const app = new OpenAPIHono();
  addPage(app, join(tmpdir(), 'clapper-no-such-page'));
  const reply = await app.request('/');
  expect(reply.status).toBe(200);
  expect(await reply.text()).toMatch(/not built yet.*npm run build/s);
});
