import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeWav } from '../../core/media/support/makeWav.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { asking, type Fields, formOf } from '../support/ask.ts';
import { type DigitFiles, readDigitFiles } from '../support/digits.ts';

const fixture = async (name: string) =>
  new Uint8Array(await readFile(new URL(`../../fixtures/${name}`, import.meta.url)));

let app: TestApp;
const { ask, get } = asking((path, init) => app.fetch(path, init));
let digits: DigitFiles;
let good: { audio: Uint8Array; image: Uint8Array };

beforeAll(async () => {
  digits = await readDigitFiles();
  good = { audio: digits.spoken[3] as Uint8Array, image: digits.written[3] as Uint8Array };
  app = await startApp();
});
afterAll(() => app?.stop());

describe('answers', () => {
  test('fixed pairs of unseen recordings and images are told apart', async () => {
    let right = 0;
    for (const { recording, image, corresponds } of digits.pairs.slice(0, 40)) {
      const fields = { audio: digits.sound(recording), image: await digits.picture(image) };
      const { status, body } = await ask('/v1/correspondence', fields);
      expect(status).toBe(200);
      if (body.score >= 0.5 === corresponds) right++;
    }
    expect(right).toBeGreaterThanOrEqual(36);
  });

  test('a long sound is scored window by window, and the highest counts, less what luck gives the highest of many', async () => {
    const silence = new Float32Array(8000);
    const spoken = new DataView(good.audio.buffer, 44);
    const word = Float32Array.from({ length: spoken.byteLength / 2 }, (_, n) => spoken.getInt16(2 * n, true) / 32768);
    const audio = makeWav({ channels: [Float32Array.of(...silence, ...silence, ...word, ...silence)] });
    const { body } = await ask('/v1/correspondence', { audio, image: good.image, hopSeconds: 0.25 });
    const { startSeconds, score } = body.windows.reduce((best: { score: number }, next: { score: number }) =>
      next.score > best.score ? next : best,
    );
    const { matching } = JSON.parse(await readFile('models/digits/manifest.json', 'utf8'));
    const discount = matching.windowDiscount * Math.log(body.windows.length);
    expect(discount).toBeGreaterThan(0);
    expect(body.score).toBeCloseTo(1 / (1 + ((1 - score) / score) * Math.exp(discount)), 5);
    expect(score).toBeGreaterThan(0.5);
    expect(startSeconds).toBeGreaterThan(1);
    expect(startSeconds).toBeLessThan(2.5);
  });

  test('what is heard and what is seen is named, most probable first', async () => {
    for (const [digit, audio] of digits.spoken.entries()) {
      const heard = await ask('/v1/classify/audio', { audio, topK: 3 });
      expect(heard.body.classifications[0].classifier).toBe('spoken-digit');
      expect(heard.body.classifications[0].classes).toHaveLength(3);
      expect(heard.body.classifications[0].classes[0].label).toBe(String(digit));
    }
    const { body } = await ask('/v1/classify/image', { image: digits.written[7] as Uint8Array });
    const [{ classifier, classes }] = body.classifications;
    const probabilities = classes.map(({ probability }: { probability: number }) => probability);
    expect([classifier, classes[0].label, classes.length]).toEqual(['handwritten-digit', '7', 10]);
    expect(probabilities).toEqual(probabilities.toSorted((a: number, b: number) => b - a));
    expect(probabilities.reduce((sum: number, p: number) => sum + p)).toBeCloseTo(1, 5);
  });

  test('a matrix gives each image with each sound what they give alone', async () => {
    const [sounds, images] = [digits.spoken.slice(0, 3), digits.written.slice(1, 3)];
    const { body, status } = await ask('/v1/correspondence/matrix', { audio: sounds, image: images });
    expect(status).toBe(200);
    for (const [i, image] of images.entries()) {
      for (const [j, audio] of sounds.entries()) {
        const alone = await ask('/v1/correspondence', { audio, image });
        expect(body.scores[i][j]).toBeCloseTo(alone.body.score, 6);
      }
    }
  });

  test('as many sounds and as many pictures as the description says', async () => {
    const { body } = await get('/openapi.json');
    const { content } = body.paths['/v1/correspondence/matrix'].post.requestBody;
    const most = content['multipart/form-data'].schema.properties.audio.maxItems;
    expect(content['application/json'].schema.properties.image.maxItems).toBe(most);
    const fields = { audio: Array<Uint8Array>(most).fill(good.audio), image: Array<Uint8Array>(most).fill(good.image) };
    const { status, body: answer } = await ask('/v1/correspondence/matrix', fields);
    expect([status, answer.scores?.length, answer.scores?.[0].length]).toEqual([200, most, most]);
  });

  test('embeddings are one a window of sound, with its time, and one a picture', async () => {
    const audio = makeWav({ channels: [new Float32Array(2 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] });
    const heard = await ask('/v1/embed/audio', { audio });
    expect(heard.body.windows.map(({ startSeconds }: { startSeconds: number }) => startSeconds)).toEqual([0, 0.5, 1]);
    const seen = await ask('/v1/embed/image', { image: good.image });
    for (const row of [seen.body.embedding, ...heard.body.windows.map((w: { embedding: number[] }) => w.embedding)]) {
      expect(row).toHaveLength(64);
      expect(row.every(Number.isFinite)).toBe(true);
    }
    expect(seen.body.embeddingSize).toBe(64);
  });

  test.each([
    ['short', 1],
    ['of many windows', 60],
  ])('what is odd about a file is noted by its name: a sound %s', async (_, seconds) => {
    const wave = new Float32Array(seconds * 8000).map((_, n) => 0.5 * Math.sin(n / 5));
    const inverted = makeWav({ channels: [wave, wave.map((value) => -0.8 * value)] });
    const notes = [
      'Its 2 channels cancel each other; channel 1 alone is heard.',
      'nothing that the model learnt from is like it, so that what is said of it counts for little',
    ];
    const alone = await ask('/v1/correspondence', { ...good, audio: inverted });
    expect(alone.body.notes).toEqual(notes.map((note) => `audio: ${note}`));
    const { body } = await ask('/v1/correspondence/matrix', { audio: [good.audio, inverted], image: [good.image] });
    expect(body.notes).toEqual(notes.map((note) => `audio[1]: ${note}`));
    expect((await ask('/v1/correspondence', good)).body.notes).toEqual([]);
  });

  test('files in base64 in JSON give what a form gives', async () => {
    const form = await ask('/v1/correspondence', { ...good, hopSeconds: 0.5 });
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
    const wrapped = base64(good.audio).replace(/.{76}/g, '$&\r\n');
    const types = ['audio/wav', 'video/webm;codecs=vp8,opus', '']; // a recorder's type may have a comma
    const prefixed = types.map((type) => `data:${type};base64,${base64(good.audio)}`);
    for (const audio of [base64(good.audio), wrapped, ...prefixed]) {
      const json = await get('/v1/correspondence', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ audio, image: base64(good.image), hopSeconds: 0.5 }),
      });
      expect(json.body.score).toBe(form.body.score);
    }
  });

  test('JSON is taken as its schema has it: arrays where there may be several, base64 that nobody changed on its way', async () => {
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
    const ask = (path: string, fields: object) =>
      get(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) });
    const whole = { audio: base64(good.audio), image: base64(good.image) };
    for (const [changed, message] of [
      [{ audio: [whole.audio] }, /audio: Expected one file but received an array/],
      [{ model: ['digits'] }, /model: .*expected string, received array/],
      [{ model: [] }, /model: .*expected string, received array/],
      [{ audio: `${whole.audio.slice(0, 400)}AA AA${whole.audio.slice(400)}` }, /audio: .*other characters/],
      [{ audio: `\u0001${whole.audio}` }, /audio: .*other characters/],
      [{ audio: `data:audio/wav,${whole.audio}` }, /audio: .*other characters/],
    ] as const) {
      const reply = await ask('/v1/correspondence', { ...whole, ...changed });
      expect(reply).toMatchObject({ status: 400, body: { error: { message: expect.stringMatching(message) } } });
    }
    const none = await ask('/v1/correspondence/matrix', { ...whole, audio: [] });
    expect(none).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/audio: .*>=1 items/) } },
    });
    const upper = await ask('/v1/correspondence', { ...whole, image: `DATA:image/png;base64,${whole.image}` });
    expect(upper.status).toBe(200);
  });

  test('an answer says which model gave it and where the time went', async () => {
    const { body } = await ask('/v1/correspondence', { ...good, model: 'digits' });
    expect(body.model).toBe('digits');
    expect(Object.keys(body.timings)).toEqual(['queue', 'decode', 'infer']);
    for (const milliseconds of Object.values(body.timings)) expect(milliseconds).toBeGreaterThan(0);
  });

  test.each(['tone.mp3', 'tone.ogg', 'tone.opus', 'tone.flac', 'tone.m4a', 'tone.webm'])(
    '%s is decoded',
    async (name) => {
      expect((await ask('/v1/correspondence', { ...good, audio: await fixture(`sounds/${name}`) })).status).toBe(200);
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
      'two sounds for one picture',
      correspondence,
      () => ({ ...good, audio: [good.audio, good.audio] }),
      400,
      'invalid_request',
      /audio: Expected one file but received 2/,
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
    const reply = await ask(path, await fields());
    expect(reply.body).toMatchObject({ error: { type, message: expect.stringMatching(message) } });
    expect(reply.status).toBe(status);
    expect((await ask(correspondence, good)).status).toBe(200);
  });

  test('a body that is no form', async () => {
    for (const init of [
      { body: '{}', headers: { 'Content-Type': 'application/json' } },
      { body: 'x', headers: { 'Content-Type': 'multipart/form-data' } },
      {},
    ]) {
      const { status, body } = await get(correspondence, { method: 'POST', ...init });
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
    const reply = await get(correspondence, init).catch((error) => error);
    // The server may close the connection before the client has read its answer.
    if (!(reply instanceof Error)) expect(reply.status).toBe(413);
    expect(sent).toBeLessThan(200e6);
    expect((await get('/healthz')).status).toBe(200);
  });

  test('an address or a method that there is not', async () => {
    expect(await get('/v1/nothing')).toMatchObject({ status: 404, body: { error: { type: 'not_found' } } });
    expect(await get('/v1/models//')).toMatchObject({ status: 404, body: { error: { type: 'not_found' } } });
    const wrongMethod = await get(correspondence);
    expect(wrongMethod).toMatchObject({ status: 405, body: { error: { type: 'method_not_allowed' } } });
    expect(wrongMethod.headers.get('Allow')).toBe('POST');
  });
});

describe('what is too much', () => {
  test('is refused at once, with the time to wait; what was taken is answered', async () => {
    const small = await startApp({ limits: { queueItems: 8 } });
    try {
      const audio = makeWav({ channels: [new Float32Array(8 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] });
      const replies = await Promise.all(
        Array.from({ length: 60 }, () => asking(small.fetch).ask('/v1/correspondence', { ...good, audio })),
      );
      const refused = replies.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThan(20);
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(60 - refused.length);
      for (const { headers, body } of refused) {
        expect(Number(headers.get('Retry-After'))).toBeGreaterThanOrEqual(1);
        expect(body.error.type).toBe('overloaded');
      }
    } finally {
      await small.stop();
    }
  });

  test('leaves the queue with a caller who hangs up', async () => {
    const audio = makeWav({ channels: [new Float32Array(30 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] });
    const leaving = new AbortController();
    const left = Array.from({ length: 40 }, () => {
      const init = { method: 'POST', body: formOf({ ...good, audio }), signal: leaving.signal };
      return app.fetch('/v1/correspondence', init);
    });
    const { fleet } = app.engine.generation;
    await vi.waitFor(() => expect(fleet.waiting).toBeGreaterThan(10));
    leaving.abort();
    await vi.waitFor(() => expect([fleet.waiting, app.engine.pending]).toEqual([0, 0]));
    await Promise.allSettled(left);
  });

  test('takes no longer than its caller waits', async () => {
    const audio = makeWav({ channels: [new Float32Array(60 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] });
    const reply = await app.fetch('/v1/correspondence', {
      method: 'POST',
      body: formOf({ ...good, audio, hopSeconds: 0.05 }),
      headers: { 'X-Request-Timeout-Ms': '20' },
    });
    expect(reply.status).toBe(503);
    expect((await reply.json()).error).toMatchObject({
      type: 'deadline_exceeded',
      message: expect.stringMatching(/within 0\.02 s/),
    });
  });
});

describe('what else is served', () => {
  test('the models, with what they were measured to do', async () => {
    const manifest = JSON.parse(await readFile('models/digits/manifest.json', 'utf8'));
    const { body } = await get('/v1/models');
    expect(body.models).toMatchObject([{ name: 'digits', metrics: manifest.variants.fp32.metrics }]);
    expect((await get('/v1/models/digits')).body).toMatchObject(manifest);
    expect(await get('/v1/models/letters')).toMatchObject({ status: 404, body: { error: { type: 'not_found' } } });
  });

  test("a model's files, bit by bit, and only when they changed", async () => {
    const manifest = JSON.parse(await readFile('models/digits/manifest.json', 'utf8'));
    for (const { file, sha256 } of [manifest.variants.fp32.files.audio, manifest.golden]) {
      const response = await app.fetch(`/models/digits/${file}`);
      expect(
        createHash('sha256')
          .update(new Uint8Array(await response.arrayBuffer()))
          .digest('hex'),
      ).toBe(sha256);
      const headers = { 'If-None-Match': response.headers.get('ETag') as string };
      expect((await get(`/models/digits/${file}`, { headers })).status).toBe(304);
    }
    expect((await get('/models/digits/manifest.json')).body).toMatchObject(manifest);
    const card = await app.fetch('/models/digits/MODEL_CARD.md');
    expect(await card.text()).toBe(await readFile('models/digits/MODEL_CARD.md', 'utf8'));
    for (const other of ['README.md', '..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json']) {
      expect((await get(`/models/digits/${other}`)).status).toBe(404);
    }
  });

  test('a description for programs that names every route, and a page of it that needs no other server', async () => {
    const { body } = await get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    // Behind a proxy that gives the server a path, too.
    const [{ url }] = body.servers;
    expect(new URL(url, 'https://example.org/clapper/openapi.json').href).toBe('https://example.org/clapper/');
    expect([body.security, body.components.securitySchemes]).toEqual([undefined, undefined]);
    const answered = app.app.routes
      .filter(({ path, method }) => /^\/(v1|v2|healthz|readyz|metrics)/.test(path) && method !== 'ALL')
      .map(({ path, method }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const described = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual([...new Set(answered)].sort());
    const { schema } = body.paths['/v1/correspondence'].post.requestBody.content['multipart/form-data'];
    expect(schema.required).toEqual(['audio', 'image']);
    expect(schema.properties.audio).toMatchObject({ type: 'string', format: 'binary' });
    const { body: page } = await get('/docs');
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await get(`/${address}`)).status, address).toBe(200);
      const tag = (await app.fetch(`/${address}`)).headers.get('ETag') as string;
      expect((await app.fetch(`/${address}`, { headers: { 'If-None-Match': tag } })).status).toBe(304);
      expect((await app.fetch(`/${address}`, { headers: { Range: 'bytes=99999999-' } })).status).toBe(200);
    }
    expect((await get('/docs/')).headers.get('Location')).toBe('../docs'); // where what the page names stands beside it
  });
});
