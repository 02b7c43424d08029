import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { openClient, prepareRequest } from '../../bench/serve/load.ts';
import { makeWav } from '../core/media/support/makeWav.ts';
import { ask, get } from './support/ask.ts';
import { type Server, startServer } from './support/clapper.ts';
import { readDigitFiles } from './support/digits.ts';
import { memoryMb, workersOf } from './support/processes.ts';

/** CLAPPER_FULL=1 takes the counts that a release is held to. */
const share = process.env.CLAPPER_FULL === '1' ? 1 : 0.1;
const timeout = 3_600_000;

let server: Server;
let good: { audio: Uint8Array; image: Uint8Array };
let workers: number[];
const port = () => Number(new URL(server.url).port);
const pid = () => server.running.process.pid as number;

beforeAll(async () => {
  const { spoken, written } = await readDigitFiles();
  good = { audio: spoken[3] as Uint8Array, image: written[3] as Uint8Array };
  server = await startServer(['--bundle', 'models/digits', '--workers', '2', '--upload-grace-seconds', '1']);
  workers = workersOf(pid());
});
afterAll(() => server?.stop());

const random = new Random(1, 7);
const pick = <T>(list: readonly T[]) => list[random.integer(list.length)] as T;

/** Cut short, bytes changed, a piece repeated or taken out. */
function mutate(bytes: Uint8Array): Buffer {
  let copy = Buffer.from(bytes);
  if (random.integer(4) === 0) copy = copy.subarray(0, 1 + random.integer(copy.length));
  if (random.integer(8) === 0) {
    const [from, to] = [random.integer(copy.length), random.integer(copy.length)];
    copy = Buffer.concat([copy.subarray(0, from), copy.subarray(to)]);
  }
  if (copy.length === 0) return copy;
  for (let flips = random.integer(12); flips > 0; flips--) copy[random.integer(copy.length)] = random.integer(256);
  return copy;
}

/** All that there are, of every decoder. */
const fixtures = (kind: 'sounds' | 'pictures') => {
  const folder = new URL(`../fixtures/${kind}/`, import.meta.url);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?!py$)\w+$/.test(name));
  return names.sort().map((name) => new Uint8Array(readFileSync(new URL(name, folder))));
};

const wav = (seconds: number, sampleRate: number, channels: number, sample = (n: number) => 0.5 * Math.sin(n / 5)) =>
  makeWav({
    channels: Array.from({ length: channels }, () =>
      new Float32Array(Math.round(seconds * sampleRate)).map((_, n) => sample(n)),
    ),
    sampleRate,
    tag: 3,
    bits: 32,
  });

/** Whole files that are rare: of each kind the reader has rules of its own. */
const sounds = () => [
  ...fixtures('sounds'),
  wav(0, 8000, 1),
  wav(1 / 8000, 8000, 1),
  wav(1, 192_000, 16),
  wav(1, 8000, 1, () => Number.NaN),
  wav(1, 8000, 1, () => Number.POSITIVE_INFINITY),
  wav(130, 8000, 1),
];
const pictures = async () => [...fixtures('pictures'), ...(await photos())];

/** So large that they are decoded at a fraction of their size, each by another way. */
async function photos(): Promise<Uint8Array[]> {
  const [width, height] = [1200, 900];
  const data = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => 128 + 100 * Math.sin(i / 7e4) + random.integer(20),
  );
  const photo = () => sharp(data, { raw: { width, height, channels: 3 } });
  return Promise.all(
    [
      photo().jpeg(),
      photo().jpeg({ progressive: true }),
      photo().jpeg({ chromaSubsampling: '4:4:4', quality: 95 }),
      photo().withIccProfile('srgb').jpeg({ progressive: true }),
      photo().withIccProfile('p3').jpeg(),
      photo().withMetadata({ orientation: 6 }).jpeg(),
      photo().greyscale().jpeg({ progressive: true }),
    ].map((encoded) => encoded.toBuffer()),
  );
}

/** After all of it: no worker ended, a good question has its answer, memory is what it was. */
async function expectWell(counts: Record<string, number>, earlyMb: number): Promise<void> {
  const lateMb = memoryMb(pid());
  console.log(counts, `${earlyMb.toFixed(0)} MB after a quarter, ${lateMb.toFixed(0)} MB at the end`);
  expect(Object.keys(counts).filter((status) => Number(status) >= 500 && status !== '503')).toEqual([]);
  expect((await ask(`${server.url}/v1/correspondence`, good)).status).toBe(200);
  expect((await get(`${server.url}/metrics`)).body).toMatch(/clapper_worker_restarts_total 0/);
  expect(workersOf(pid())).toEqual(workers);
  expect(lateMb).toBeLessThan(1.3 * earlyMb + 20);
}

/** So many, four at a time. @returns how often each status came, and the memory after a quarter. */
async function run(total: number, one: () => Promise<number>): Promise<[Record<string, number>, number]> {
  const counts: Record<string, number> = {};
  let begun = 0;
  let earlyMb = 0;
  const loop = async () => {
    while (begun < total) {
      if (++begun === Math.ceil(total / 4)) earlyMb = memoryMb(pid());
      const status = await one();
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 4 }, loop));
  return [counts, earlyMb];
}

const isJson = (body: string) => typeof JSON.parse(body) === 'object';

test('mutated and rare files: no failure of ours, no crash, no leak', { timeout }, async () => {
  const [audios, images] = [sounds(), await pictures()];
  const askOne = async () => {
    const [audio, image] = [pick(audios), pick(images)];
    const files = pick([
      () => ({ audio: mutate(audio), image: mutate(image) }),
      () => ({ audio: mutate(audio), image }),
      () => ({ audio, image: mutate(image) }),
      () => ({ audio: image, image: audio }), // each is told by its content
    ])();
    const client = await openClient(port());
    const answer = await client.ask(prepareRequest(port(), files).bytes);
    client.end();
    expect(answer && isJson(answer.body)).toBe(true);
    return answer?.status ?? 0;
  };
  await run(600, askOne); // until heaps have grown to what such files need
  await expectWell(...(await run(6000 * share, askOne)));
});

test('mutated bodies and headers: an answer in HTTP or a closed connection, and nothing else', {
  timeout,
}, async () => {
  const templates = bodies();
  const outcome = await run(4000 * share, async () => {
    const text = await talk(
      mutate(pick(templates)),
      pick(['whole', 'whole', 'half-closed', 'in pieces', 'left'] as const),
    );
    if (text === '') return 0;
    expect(text).toMatch(/^HTTP\/1\.1 \d{3} /);
    const [head = ''] = text.split('\r\n\r\n', 1);
    const last = text.slice(text.lastIndexOf('HTTP/1.1 '));
    if (/\r\ncontent-type: application\/json/i.test(head)) expect(last).toContain('{');
    return Math.max(...Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status)));
  });
  await expectWell(...outcome);
});

/** Requests of every kind as they go over the wire. */
function bodies(): Buffer[] {
  const { bytes } = prepareRequest(port(), good);
  const post = (path: string, type: string, body: string | Buffer, extra = '') =>
    Buffer.concat([
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${extra}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`,
      ),
      Buffer.from(body),
    ]);
  const json = JSON.stringify({
    audio: Buffer.from(good.audio).toString('base64'),
    image: Buffer.from(good.image).toString('base64'),
    hopSeconds: 0.5,
  });
  const tensor = (data: unknown[]) =>
    JSON.stringify({ id: 'a', inputs: [{ name: 'audio_embedding', shape: [1, 32], datatype: 'FP32', data }] });
  const binary = JSON.stringify({
    inputs: [{ name: 'image', shape: [1, 28, 28, 3], datatype: 'UINT8', parameters: { binary_data_size: 2352 } }],
  });
  return [
    bytes,
    Buffer.concat([bytes, bytes]), // pipelined
    post('/v1/correspondence', 'application/json', json),
    post('/v1/classify/audio', 'application/json', json),
    post('/v2/models/digits.match/infer', 'application/json', tensor(new Array(32).fill(0.1))),
    post('/v2/models/digits.match/infer', 'application/json', tensor(['NaN', null, 1e300])),
    post(
      '/v2/models/digits.image/infer',
      'application/octet-stream',
      Buffer.concat([Buffer.from(binary), Buffer.alloc(2352, 7)]),
      `Inference-Header-Content-Length: ${binary.length}\r\n`,
    ),
    Buffer.from('GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from(
      'POST /v1/embed/image HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ),
  ];
}

/** @returns all that comes back, until the connection closes or nothing has come for a moment. */
function talk(bytes: Buffer, how: 'whole' | 'half-closed' | 'in pieces' | 'left'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port: port(), host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    let timer = setTimeout(finish, 3000);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      clearTimeout(timer);
      timer = setTimeout(finish, 150);
    });
    socket.on('error', finish).on('end', finish);
    if (how === 'in pieces')
      for (let at = 0; at < bytes.length; at += 1000) socket.write(bytes.subarray(at, at + 1000));
    else socket.write(bytes);
    if (how === 'half-closed') socket.end();
    if (how === 'left') setTimeout(finish, 5);
  });
}
