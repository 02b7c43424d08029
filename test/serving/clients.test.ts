import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../serving/client.ts';
import { pythonWith } from '../support/pythonWith.ts';
import { runClapper, type Server, startServer } from './support/clapper.ts';
import { readDigitFiles } from './support/digits.ts';

let server: Server;
let folder: string;
let three: { audio: Uint8Array; image: Uint8Array };
const place = (name: string) => join(folder, name);

beforeAll(async () => {
  const { spoken, written } = await readDigitFiles();
  three = { audio: spoken[3] as Uint8Array, image: written[3] as Uint8Array };
  folder = await mkdtemp(join(tmpdir(), 'clapper-ask-'));
  await writeFile(place('spoken.wav'), three.audio);
  await writeFile(place('written.png'), three.image);
  server = await startServer(['--models', 'models', '--grpc-port', '0', '--workers', '1']);
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

test('the typed client asks every question, and errors say what is wrong', async () => {
  const client = createClient(server.url);
  const { score } = await client.correspondence(three);
  expect(score).toBeGreaterThan(0.5);
  expect((await client.matrix({ audio: [three.audio], image: [three.image] })).scores[0]?.[0]).toBeCloseTo(score, 5);
  expect((await client.classifyAudio({ audio: three.audio, topK: 1 })).classifications[0]?.classes).toMatchObject([
    { label: '3' },
  ]);
  expect((await client.classifyImage({ image: three.image, topK: 1 })).classifications[0]?.classes).toMatchObject([
    { label: '3' },
  ]);
  expect((await client.embedAudio({ audio: three.audio })).windows[0]?.embedding).toHaveLength(64);
  expect((await client.embedImage({ image: three.image })).embedding).toHaveLength(64);
  await expect(client.correspondence({ ...three, model: 'letters' })).rejects.toThrow(/no model "letters"/);
});

test('a server may stand behind a path, and what is no Clapper server is told from one', async () => {
  const asked: string[] = [];
  const answering = (body: string) => async (url: URL | RequestInfo) => {
    asked.push(String(url));
    return new Response(body);
  };
  for (const url of ['https://host.example/clapper', 'https://host.example/clapper/', 'https://host.example']) {
    await createClient(url, { fetch: answering('{"score":1}') }).correspondence(three);
  }
  expect(asked.map((url) => url.slice('https://host.example'.length))).toEqual([
    '/clapper/v1/correspondence',
    '/clapper/v1/correspondence',
    '/v1/correspondence',
  ]);
  const page = createClient('https://host.example', { fetch: answering('<!doctype html>') });
  await expect(page.correspondence(three)).rejects.toThrow(/answered 200 without JSON: is it a Clapper server/);
});

test('a server that says nothing is waited for no longer than was asked', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  try {
    const client = createClient(`http://127.0.0.1:${port}`, { timeoutMs: 300 });
    await expect(client.correspondence(three)).rejects.toThrow(/did not answer within 300 ms/);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

test('the command line asks a server what it would compute itself', async () => {
  const files = ['--audio', place('spoken.wav'), '--image', place('written.png'), '--json'];
  const [asked, computed] = [
    await runClapper(['match', '--server', server.url.replace('http://', ''), ...files]), // as people type it
    await runClapper(['match', '--bundle', 'models/digits', ...files]),
  ];
  expect([asked.exitCode, asked.stderr]).toEqual([0, '']);
  expect(JSON.parse(asked.stdout).score).toBeCloseTo(JSON.parse(computed.stdout).score, 5);
  const nobody = await runClapper(['match', '--server', 'http://127.0.0.1:9', ...files]);
  expect(nobody).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /^error: Expected a Clapper server at http.* cannot be asked: .*(bad port|ECONNREFUSED)/,
    ),
  });
  expect((await runClapper(['match', ...files])).exitCode).toBe(2);
  const noAddress = await runClapper(['match', '--server', 'ftp://127.0.0.1', ...files]);
  expect(noAddress).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('such as http://localhost:3000') });
});

test('the command line prints embeddings', async () => {
  const { stdout } = await runClapper(['embed', '--bundle', 'models/digits', '--audio', place('spoken.wav')]);
  const { embeddingSize, rows } = JSON.parse(stdout);
  expect([embeddingSize, rows.length, rows[0].startSeconds, rows[0].embedding.length]).toEqual([64, 1, 0, 64]);
});

test("the README's Python asks as it says", { timeout: 120_000 }, async (context) => {
  const python = await pythonWith(['requests']);
  if ('missing' in python) return context.skip(python.missing);
  const [, snippet = ''] = /```python\n([\s\S]*?)```/.exec(await readFile('README.md', 'utf8')) ?? [];
  const program = snippet
    .replace('runs/quickstart/spoken-7.wav', place('spoken.wav'))
    .replace('runs/quickstart/written-7.png', place('written.png'))
    .replace('http://127.0.0.1:3000', server.url);
  expect(Number(await python('-c', program))).toBeGreaterThan(0.5);
});
