import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { createHttpServer } from '../../serving/http/server.ts';
import { makeWav } from '../core/media/support/makeWav.ts';
import { startApp } from './support/app.ts';
import { ask, type Fields, get } from './support/ask.ts';
import { type Server, startServer } from './support/clapper.ts';
import { readDigitFiles } from './support/digits.ts';

/** CLAPPER_FULL=1 takes the counts that a release is held to, an hour in all. */
const isFull = process.env.CLAPPER_FULL === '1';
const timeout = isFull ? 3_600_000 : 600_000;

let good: { audio: Uint8Array; image: Uint8Array };
const left: (() => unknown)[] = [];

beforeAll(async () => {
  const { spoken, written } = await readDigitFiles();
  good = { audio: spoken[3] as Uint8Array, image: written[3] as Uint8Array };
});
afterEach(async () => {
  for (const end of left.splice(0)) await end();
});

async function start(...flags: string[]): Promise<Server> {
  const server = await startServer(['--bundle', 'models/digits', '--embedding-cache-mb', '0', ...flags]);
  left.push(server.stop);
  return server;
}

/** Asks from so many connections until it is told to stop. @returns how often each status, or error, came. */
function keepAsking(url: string, connections: number, fields: () => Fields = () => good) {
  const counts: Record<string, number> = {};
  let isOn = true;
  const loop = async () => {
    while (isOn) {
      const outcome = await ask(`${url}/v1/correspondence`, fields()).then(
        ({ status }) => String(status),
        (error) => (isOn ? String(error.cause?.code ?? error.message) : 'late'),
      );
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
  };
  const loops = Promise.all(Array.from({ length: connections }, loop));
  return {
    counts,
    async stop() {
      isOn = false;
      await loops;
      return counts;
    },
  };
}

const memoryMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const pidOf = ({ running }: Server) => running.process.pid as number;

test('workers that are killed 20 times under load lose no request', { timeout }, async () => {
  const app = await startApp({ workers: 2 });
  const server = createHttpServer({
    fetch: (request, env) => app.app.fetch(request, env),
    idleSeconds: 5,
    headerSeconds: 5,
    requestSeconds: 60,
    maxConnections: 1000,
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  left.push(() => server.drain(5), app.stop);
  const load = keepAsking(url, 8);
  const { fleet } = app.engine.generation;
  for (let kill = 1; kill <= 20; kill++) {
    await sleep(200);
    await fleet.crash();
    await expect.poll(() => fleet.restarts, { timeout: 60_000 }).toBe(kill);
  }
  const counts = await load.stop();
  expect(Object.keys(counts)).toEqual(['200']);
});

test('models that are read anew under load drop nothing, and give their memory back', { timeout }, async () => {
  const server = await start('--model-control');
  const load = keepAsking(server.url, 4);
  const reloads = isFull ? 200 : 30;
  let afterTen = 0;
  for (let reload = 1; reload <= reloads; reload++) {
    expect((await get(`${server.url}/v1/reload`, { method: 'POST' })).status).toBe(200);
    if (reload === 10) afterTen = memoryMb(pidOf(server));
  }
  const counts = await load.stop();
  await sleep(2000);
  const atEnd = memoryMb(pidOf(server));
  console.log(
    `${reloads} reloads, ${counts[200]} answers: ${afterTen.toFixed(0)} MB after ten, ${atEnd.toFixed(0)} MB at the end`,
  );
  expect(Object.keys(counts)).toEqual(['200']);
  expect(atEnd).toBeLessThan(afterTen * 1.1);
});

test('SIGTERM under load drops none that was taken', { timeout }, async () => {
  for (let round = 0; round < (isFull ? 10 : 3); round++) {
    const server = await startServer(['--bundle', 'models/digits', '--workers', '2']);
    const load = keepAsking(server.url, 8);
    await sleep(1000);
    const ended = server.stop();
    const { exitCode } = await ended;
    const counts = await load.stop();
    expect(exitCode).toBe(0);
    // After its end there is nobody: that is refused before it is sent.
    expect(Object.keys(counts).filter((outcome) => !['200', 'late', 'ECONNREFUSED'].includes(outcome))).toEqual([]);
  }
});

test('clients that send headers and stop shut nobody out', { timeout }, async () => {
  const server = await start();
  const { hostname, port } = new URL(server.url);
  const stalled: Socket[] = [];
  const count = isFull ? 1000 : 300;
  for (let i = 0; i < count; i++) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.write(
      'POST /v1/correspondence HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 20000000\r\n\r\n',
    );
    stalled.push(socket);
  }
  left.push(() => stalled.forEach((socket) => void socket.destroy()));
  await sleep(1000);
  for (let i = 0; i < 20; i++) expect((await ask(`${server.url}/v1/correspondence`, good)).status).toBe(200);
  expect(memoryMb(pidOf(server))).toBeLessThan(500);
});

test('ten times too much: memory is bounded, what is taken is answered, what is not is told at once', {
  timeout,
}, async () => {
  const server = await start('--queue-items', '64');
  const audio = makeWav({ channels: [new Float32Array(20 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] });
  const waits: number[] = [];
  const statuses: Record<string, number> = {};
  let most = 0;
  const endMs = performance.now() + (isFull ? 60_000 : 8000);
  const loop = async () => {
    while (performance.now() < endMs) {
      const startMs = performance.now();
      const { status } = await ask(`${server.url}/v1/correspondence`, { ...good, audio });
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 429) {
        waits.push(performance.now() - startMs);
        await sleep(50);
      }
      most = Math.max(most, memoryMb(pidOf(server)));
    }
  };
  await Promise.all(Array.from({ length: 100 }, loop));
  waits.sort((a, b) => a - b);
  const p50 = waits[Math.floor(waits.length / 2)];
  console.log(statuses, `refused after ${p50?.toFixed(0)} ms (median), at most ${most.toFixed(0)} MB`);
  expect(Object.keys(statuses).sort()).toEqual(['200', '429']);
  expect(most).toBeLessThan(600);
});

test('mutated files and bodies: no failure of ours, no crash', { timeout }, async () => {
  const server = await start('--upload-grace-seconds', '2');
  const random = new Random(1, 7);
  const folder = new URL('../fixtures/', import.meta.url);
  const sounds = [
    'tone.wav',
    'tone.mp3',
    'tone.ogg',
    'tone.opus',
    'tone.flac',
    'tone.m4a',
    'tone.webm',
    'edges-24.wav',
  ];
  const pictures = [
    'quarters.png',
    'quarters.jpg',
    'quarters.webp',
    'quarters-exif.jpg',
    'quarters-cmyk.jpg',
    'waves.png',
  ];
  const read = (path: string) => new Uint8Array(readFileSync(new URL(path, folder)));
  const files = {
    audio: sounds.map((name) => read(`sounds/${name}`)),
    image: pictures.map((name) => read(`pictures/${name}`)),
  };
  const mutate = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice(0, random.integer(4) === 0 ? 1 + random.integer(bytes.length) : bytes.length);
    for (let flips = random.integer(12); flips > 0; flips--) copy[random.integer(copy.length)] = random.integer(256);
    return copy;
  };
  const pick = (list: Uint8Array[]) => list[random.integer(list.length)] as Uint8Array;
  const fields = (): Fields => {
    const [audio, image] = [mutate(pick(files.audio)), mutate(pick(files.image))];
    return random.integer(20) === 0 ? { audio: image, image: audio } : { audio, image };
  };
  const counts: Record<string, number> = {};
  const total = isFull ? 10_000 : 800;
  let sent = 0;
  let early = 0;
  const loop = async () => {
    while (sent++ < total) {
      const { status } = await ask(`${server.url}/v1/correspondence`, fields());
      counts[status] = (counts[status] ?? 0) + 1;
      if (sent === total / 4) early = memoryMb(pidOf(server));
    }
  };
  await Promise.all(Array.from({ length: 6 }, loop));
  console.log(counts, `${early.toFixed(0)} MB after a quarter, ${memoryMb(pidOf(server)).toFixed(0)} MB at the end`);
  expect(Object.keys(counts).filter((status) => Number(status) >= 500 && status !== '503')).toEqual([]);
  expect((await ask(`${server.url}/v1/correspondence`, good)).status).toBe(200);
  const metrics = (await get(`${server.url}/metrics`)).body;
  expect(metrics).toMatch(/clapper_worker_restarts_total 0/);
});
