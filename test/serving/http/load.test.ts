import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWav } from '../../core/media/support/makeWav.ts';
import { ask, get } from '../support/ask.ts';
import { type Server, startServer } from '../support/clapper.ts';
import { readDigitFiles } from '../support/digits.ts';

let server: Server;
let good: { audio: Uint8Array; image: Uint8Array };
const at = (path: string) => server.url + path;

beforeAll(async () => {
  const { spoken, written } = await readDigitFiles();
  good = { audio: spoken[3] as Uint8Array, image: written[3] as Uint8Array };
  server = await startServer();
});
afterAll(() => server?.stop());

test('health is told while all workers are busy', async () => {
  const audio = makeWav({ channels: [new Float32Array(30 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] }); // 59 windows
  const startMs = performance.now();
  const answers = Promise.all(Array.from({ length: 20 }, () => ask(at('/v1/correspondence'), { ...good, audio })));
  const waits: number[] = [];
  let isBusy = true;
  answers.finally(() => {
    isBusy = false;
  });
  while (isBusy) {
    const askedMs = performance.now();
    expect((await get(at('/healthz'))).status).toBe(200);
    waits.push(performance.now() - askedMs);
  }
  expect((await answers).every(({ status }) => status === 200)).toBe(true);
  const allMs = performance.now() - startMs;
  waits.sort((a, b) => a - b);
  expect(waits.length).toBeGreaterThan(10);
  expect(waits[Math.floor(waits.length / 2)]).toBeLessThan(allMs / 20); // one answer's share
});

test('headers that give the page threads', async () => {
  const { headers } = await get(at('/'));
  expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
  expect(headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
});
