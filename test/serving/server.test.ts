import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeWav } from '../core/media/support/makeWav.ts';
import { ask, type Fields, get } from './support/ask.ts';
import { type Server, startServer } from './support/clapper.ts';
import { type DigitFiles, readDigitFiles } from './support/digits.ts';

const fixture = async (name: string) => new Uint8Array(await readFile(new URL(`../fixtures/${name}`, import.meta.url)));

let server: Server;
let digits: DigitFiles;
let good: { audio: Uint8Array; image: Uint8Array };
const at = (path: string) => server.url + path;

beforeAll(async () => {
  digits = await readDigitFiles();
  good = { audio: digits.spoken[3] as Uint8Array, image: digits.written[3] as Uint8Array };
  server = await startServer();
});
afterAll(() => server?.stop());

describe('answers', () => {
  test('fixed pairs of unseen recordings and images are told apart', async () => {
    let right = 0;
    for (const { recording, image, corresponds } of digits.pairs.slice(0, 40)) {
      const fields = { audio: digits.sound(recording), image: await digits.picture(image) };
      const { status, body } = await ask(at('/v1/correspondence'), fields);
      expect(status).toBe(200);
      if (body.score >= 0.5 === corresponds) right++;
    }
    expect(right).toBeGreaterThanOrEqual(36);
  });

  test('a long sound is scored window by window, and the highest score counts', async () => {
    const silence = new Float32Array(8000);
    const spoken = new DataView(good.audio.buffer, 44);
    const word = Float32Array.from({ length: spoken.byteLength / 2 }, (_, n) => spoken.getInt16(2 * n, true) / 32768);
    const audio = makeWav({ channels: [Float32Array.of(...silence, ...silence, ...word, ...silence)] });
    const { body } = await ask(at('/v1/correspondence'), { audio, image: good.image, hopSeconds: 0.25 });
    const { startSeconds, score } = body.windows.reduce((best: { score: number }, next: { score: number }) =>
      next.score > best.score ? next : best,
    );
    expect(body.windows[1].startSeconds).toBe(0.25);
    expect(body.score).toBe(score);
    expect(score).toBeGreaterThan(0.5);
    expect(startSeconds).toBeGreaterThan(1);
    expect(startSeconds).toBeLessThan(2.5);
  });

  test('what is heard and what is seen is named, most probable first', async () => {
    for (const [digit, audio] of digits.spoken.entries()) {
      const heard = await ask(at('/v1/classify/audio'), { audio, topK: 3 });
      expect(heard.body.classifications[0].classifier).toBe('spoken-digit');
      expect(heard.body.classifications[0].classes).toHaveLength(3);
      expect(heard.body.classifications[0].classes[0].label).toBe(String(digit));
    }
    const { body } = await ask(at('/v1/classify/image'), { image: digits.written[7] as Uint8Array });
    const [{ classifier, classes }] = body.classifications;
    const probabilities = classes.map(({ probability }: { probability: number }) => probability);
    expect([classifier, classes[0].label, classes.length]).toEqual(['handwritten-digit', '7', 10]);
    expect(probabilities).toEqual(probabilities.toSorted((a: number, b: number) => b - a));
    expect(probabilities.reduce((sum: number, p: number) => sum + p)).toBeCloseTo(1, 5);
  });

  test('an answer says which model gave it and where the time went', async () => {
    const { body } = await ask(at('/v1/correspondence'), { ...good, model: 'digits' });
    expect(body.model).toBe('digits');
    expect(Object.keys(body.timings)).toEqual(['queue', 'decode', 'run']);
    for (const milliseconds of Object.values(body.timings)) expect(milliseconds).toBeGreaterThan(0);
  });

  test.each(['tone.mp3', 'tone.ogg', 'tone.opus', 'tone.flac', 'tone.m4a', 'tone.webm'])(
    '%s is decoded',
    async (name) => {
      expect((await ask(at('/v1/correspondence'), { ...good, audio: await fixture(`sounds/${name}`) })).status).toBe(
        200,
      );
    },
  );
});

describe('bad input is refused with what to do, and the server goes on', () => {
  type Case = [
    name: string,
    path: string,
    fields: () => Promise<Fields> | Fields,
    status: number,
    type: string,
    message: RegExp,
  ];
  const correspondence = '/v1/correspondence';
  const cutOgg = async () => (await fixture('sounds/tone.ogg')).slice(0, 2500);
  const cases: Case[] = [
    [
      'an empty sound',
      correspondence,
      () => ({ ...good, audio: new Uint8Array(0) }),
      422,
      'unreadable_media',
      /audio: .*empty/,
    ],
    [
      'an empty picture',
      correspondence,
      () => ({ ...good, image: new Uint8Array(0) }),
      422,
      'unreadable_media',
      /image: .*empty/,
    ],
    [
      'a text as picture',
      correspondence,
      () => ({ ...good, image: Buffer.from('a cat') }),
      415,
      'unsupported_media',
      /image: .*JPEG, PNG or WebP/,
    ],
    [
      'a text as sound',
      correspondence,
      () => ({ ...good, audio: Buffer.from('miaow') }),
      415,
      'unsupported_media',
      /audio: .*wav, mp3, ogg/,
    ],
    [
      'a picture as sound',
      correspondence,
      () => ({ ...good, audio: good.image }),
      415,
      'unsupported_media',
      /audio: .*wav, mp3, ogg/,
    ],
    [
      'a truncated ogg',
      correspondence,
      async () => ({ ...good, audio: await cutOgg() }),
      422,
      'unreadable_media',
      /audio: .*cut short/,
    ],
    [
      'a wav of 0 samples',
      correspondence,
      () => ({ ...good, audio: makeWav({ channels: [[]] }) }),
      422,
      'unreadable_media',
      /no samples/,
    ],
    [
      '20,000 × 20,000 pixels',
      correspondence,
      async () => ({ ...good, image: await fixture('pictures/huge.png') }),
      413,
      'too_large',
      /20000 × 20000/,
    ],
    [
      'a sound of an hour',
      correspondence,
      () => ({ ...good, audio: makeWav({ channels: [new Uint8Array(3_600_000)], sampleRate: 1000 }) }),
      413,
      'too_large',
      /at most 120 s .* 3600/,
    ],
    [
      'an unknown model',
      correspondence,
      () => ({ ...good, model: 'letters' }),
      404,
      'not_found',
      /no model "letters".*digits/,
    ],
    [
      'a missing picture',
      correspondence,
      () => ({ audio: good.audio }),
      400,
      'invalid_request',
      /image: Expected a file/,
    ],
    [
      'a text where a file belongs',
      correspondence,
      () => ({ ...good, audio: 'three.wav' }),
      400,
      'invalid_request',
      /audio: Expected a file/,
    ],
    [
      'a hop of nothing',
      correspondence,
      () => ({ ...good, hopSeconds: 0 }),
      400,
      'invalid_request',
      /hopSeconds: .*0\.05/,
    ],
    ['a misspelt field', correspondence, () => ({ ...good, hop: 1 }), 400, 'invalid_request', /"hop"/],
    ['half a class', '/v1/classify/image', () => ({ image: good.image, topK: 0.5 }), 400, 'invalid_request', /topK: /],
    [
      'more than 25 MB',
      correspondence,
      () => ({ ...good, audio: new Uint8Array(26e6) }),
      413,
      'too_large',
      /at most 25 MB/,
    ],
  ];
  test.each(cases)('%s', async (_, path, fields, status, type, message) => {
    const reply = await ask(at(path), await fields());
    expect(reply.body).toMatchObject({ error: { type, message: expect.stringMatching(message) } });
    expect(reply.status).toBe(status);
    expect((await ask(at(correspondence), good)).status).toBe(200);
  });

  test('a body that is no form', async () => {
    for (const init of [
      { body: '{}', headers: { 'Content-Type': 'application/json' } },
      { body: 'x', headers: { 'Content-Type': 'multipart/form-data' } },
      {},
    ]) {
      const { status, body } = await get(at(correspondence), { method: 'POST', ...init });
      expect([400, 415]).toContain(status);
      expect(body.error.message).toMatch(/multipart\/form-data|Expected a file/);
    }
  });

  test('a body without a length is read no further than the limit', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1e6;
        controller.enqueue(new Uint8Array(1e6));
      },
    });
    const headers = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const init = { method: 'POST', body: endless, duplex: 'half', headers } as RequestInit;
    const reply = await get(at(correspondence), init).catch((error) => error);
    // The server may close the connection before the client has read its answer.
    if (!(reply instanceof Error)) expect(reply.status).toBe(413);
    expect(sent).toBeLessThan(200e6);
    expect((await get(at('/healthz'))).status).toBe(200);
  });

  test('an address or a method that there is not', async () => {
    expect(await get(at('/v1/nothing'))).toMatchObject({ status: 404, body: { error: { type: 'not_found' } } });
    const wrongMethod = await get(at(correspondence));
    expect(wrongMethod).toMatchObject({ status: 405, body: { error: { type: 'method_not_allowed' } } });
    expect(wrongMethod.headers.get('Allow')).toBe('POST');
  });
});

describe('many requests at once', () => {
  test('health is told while all workers are busy', async () => {
    const audio = makeWav({ channels: [new Float32Array(30 * 8000).fill(0.1)] }); // 59 windows
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

  test('what is too much is refused at once, with the time to wait', async () => {
    const audio = makeWav({ channels: [new Float32Array(8 * 8000)] });
    const all = Array.from({ length: 120 }, () => ask(at('/v1/correspondence'), { ...good, audio }));
    const replies = await Promise.all(all);
    const refused = replies.filter(({ status }) => status === 429);
    expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(64);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers, body } of refused) {
      expect(headers.get('Retry-After')).toBe('1');
      expect(body.error.type).toBe('overloaded');
    }
  });

  test('a caller who hangs up frees the place of what waits', async () => {
    const audio = makeWav({ channels: [new Float32Array(30 * 8000).fill(0.1)] });
    const leaving = new AbortController();
    const left = Array.from({ length: 40 }, () => {
      return ask(at('/v1/correspondence'), { ...good, audio }, { signal: leaving.signal }).catch((error) => error.name);
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    leaving.abort();
    expect(await Promise.all(left)).toContain('AbortError');
    const { status, body } = await ask(at('/v1/correspondence'), good);
    expect(status).toBe(200);
    const { body: alone } = await ask(at('/v1/correspondence'), { ...good, audio });
    expect(body.timings.queue).toBeLessThan(20 * (alone.timings.decode + alone.timings.run));
  });
});

describe('what else is served', () => {
  test('the models, with what they were measured to do', async () => {
    const manifest = JSON.parse(await readFile('models/digits/manifest.json', 'utf8'));
    const { body } = await get(at('/v1/models'));
    expect(body.models).toMatchObject([{ name: 'digits', metrics: manifest.variants.fp32.metrics }]);
    expect((await get(at('/v1/models/digits'))).body).toMatchObject(manifest);
    expect(await get(at('/v1/models/letters'))).toMatchObject({ status: 404, body: { error: { type: 'not_found' } } });
  });

  test("a model's files, bit by bit, and only when they changed", async () => {
    const manifest = JSON.parse(await readFile('models/digits/manifest.json', 'utf8'));
    for (const { file, sha256 } of [manifest.variants.fp32.files.audio, manifest.golden]) {
      const response = await fetch(at(`/models/digits/${file}`));
      expect(
        createHash('sha256')
          .update(new Uint8Array(await response.arrayBuffer()))
          .digest('hex'),
      ).toBe(sha256);
      const headers = { 'If-None-Match': response.headers.get('ETag') as string };
      expect((await get(at(`/models/digits/${file}`), { headers })).status).toBe(304);
    }
    expect((await get(at('/models/digits/manifest.json'))).body).toMatchObject(manifest);
    const card = await fetch(at('/models/digits/MODEL_CARD.md'));
    expect(await card.text()).toBe(await readFile('models/digits/MODEL_CARD.md', 'utf8'));
    for (const other of ['README.md', '..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json']) {
      expect((await get(at(`/models/digits/${other}`))).status).toBe(404);
    }
  });

  test('a description for programs that names every route, and a page of it that needs no other server', async () => {
    const { body } = await get(at('/openapi.json'));
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/v1/correspondence',
        '/v1/classify/audio',
        '/v1/classify/image',
        '/v1/models',
        '/healthz',
        '/readyz',
      ]),
    );
    const { schema } = body.paths['/v1/correspondence'].post.requestBody.content['multipart/form-data'];
    expect(schema.required).toEqual(['audio', 'image']);
    expect(schema.properties.audio).toMatchObject({ type: 'string', format: 'binary' });
    const { body: page } = await get(at('/docs'));
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await get(new URL(address, at('/docs')).href)).status, address).toBe(200);
    }
  });

  test('headers that give the page threads', async () => {
    const { headers } = await get(at('/'));
    expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
    expect(headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
  });
});
