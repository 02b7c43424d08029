import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../../serving/client.ts';
import { openApiKeys, readApiKeys } from '../../../serving/ops/keys.ts';
import { createRateLimit } from '../../../serving/ops/rateLimit.ts';
import { makeWav } from '../../core/media/support/makeWav.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { asking, formOf } from '../support/ask.ts';
import { runClapper } from '../support/clapper.ts';
import { readDigitFiles } from '../support/digits.ts';

let folder: string;
let good: { audio: Uint8Array; image: Uint8Array };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-operations-'));
  const { spoken, written } = await readDigitFiles();
  good = { audio: spoken[3] as Uint8Array, image: written[3] as Uint8Array };
});
afterAll(() => rm(folder, { recursive: true }));

describe('with API keys', () => {
  let app: TestApp;
  beforeAll(async () => {
    const file = join(folder, 'keys');
    await writeFile(file, `# who asks\nrobot:${sha256('secret')}\n\nperson:${sha256('other').toUpperCase()}\n`);
    app = await startApp({ keys: await readApiKeys(file), rateLimit: createRateLimit(3) });
  });
  afterAll(() => app?.stop());
  const get = (path: string, authorization?: string) =>
    asking((url, init) => app.fetch(url, init)).get(path, authorization ? { headers: { authorization } } : {});

  test.each(['/', '/v1/models', '/metrics', '/openapi.json', '/docs', '/models/digits/manifest.json'])(
    'nobody reads %s without one',
    async (path) => {
      for (const given of [undefined, 'Bearer wrong', 'Bearer', 'Basic secret', 'secret']) {
        const { status, body, headers } = await get(path, given);
        expect(status).toBe(401);
        expect(headers.get('WWW-Authenticate')).toBe('Bearer');
        expect(body.error.type).toBe('unauthorized');
      }
    },
  );

  test('programs are told where a key is asked for', async () => {
    const { body } = await get('/openapi.json', 'Bearer other');
    expect(body.components.securitySchemes.key).toEqual({ type: 'http', scheme: 'bearer' });
    expect(body.security).toEqual([{ key: [] }]);
    const open = Object.keys(body.paths).filter((path) => body.paths[path].get?.security?.length === 0);
    expect(open.sort()).toEqual(['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready']);
  });

  test('health is told to all', async () => {
    for (const path of ['/healthz', '/readyz']) expect((await get(path)).status).toBe(200);
  });

  test('each may ask so often a minute, whatever the other does', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await get('/v1/models', 'Bearer secret')).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const { headers } = await get('/v1/models', 'Bearer secret');
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(10);
    expect((await get('/v1/models', 'bearer other')).status).toBe(200);
  });

  test('a key may have any letters: what counts are its bytes in UTF-8', async () => {
    const file = join(folder, 'letters');
    await writeFile(file, `robot:${sha256('Schlüssel🎵')}\n`);
    let sent = '';
    const client = createClient('http://x', {
      apiKey: 'Schlüssel🎵',
      async fetch(_, init) {
        sent = new Headers(init?.headers).get('authorization') as string;
        return Response.json({});
      },
    });
    await client.embedAudio({ audio: new Uint8Array(1) });
    expect(Buffer.from(sent, 'latin1').toString()).toBe('Bearer Schlüssel🎵'); // as curl sends it
    expect((await readApiKeys(file)).nameOf(sent.slice('Bearer '.length))).toBe('robot');
  });

  test('a file of keys that is none is refused by its line', async () => {
    const file = join(folder, 'broken');
    await writeFile(file, `robot:${sha256('secret')}\nrobot:secret\n`);
    await expect(readApiKeys(file)).rejects.toThrow(/line 2/);
    await expect(readApiKeys(join(folder, 'none'))).rejects.toThrow(/cannot be read/);
  });
});

test('keys are read anew; a file that is none leaves those before', async () => {
  const file = join(folder, 'changing');
  await writeFile(file, `robot:${sha256('secret')}\n`);
  const keys = await openApiKeys(file);
  await writeFile(file, `person:${sha256('other')}\n`);
  expect([keys.nameOf('secret'), keys.nameOf('other')]).toEqual(['robot', null]);
  await keys.readAnew();
  expect([keys.nameOf('secret'), keys.nameOf('other')]).toEqual([null, 'person']);
  await writeFile(file, 'person\n');
  await expect(keys.readAnew()).rejects.toThrow(/line 1/);
  expect(keys.nameOf('other')).toBe('person');
});

test('behind a proxy that is trusted, callers are told apart by what it says, and by nothing that they say themselves', async () => {
  const app = await startApp({ rateLimit: createRateLimit(1), trustedProxies: ['10.0.0.0/8', 'fd00::/8'] });
  try {
    const ask = async (remoteAddress: string, forwardedFor: string) => {
      const init = { headers: { 'X-Forwarded-For': forwardedFor } };
      return (await app.app.request('/v1/models', init, { incoming: { socket: { remoteAddress } } })).status;
    };
    expect(await ask('10.1.2.3', '192.0.2.1')).toBe(200);
    expect(await ask('10.1.2.3', '192.0.2.2')).toBe(200);
    expect(await ask('::ffff:10.1.2.3', '203.0.113.9, 192.0.2.2, 10.9.9.9')).toBe(429);
    expect(await ask('fd00::1', '192.0.2.1')).toBe(429);
    expect(await ask('10.1.2.3', '192.0.2.1:4711')).toBe(429);
    expect(await ask('10.1.2.3', '2001:db8::1, 10.9.9.9:80')).toBe(200);
    expect(await ask('10.1.2.3', '[2001:db8::1]:4711')).toBe(429);
    expect(await ask('198.51.100.7', '192.0.2.3')).toBe(200);
    expect(await ask('198.51.100.7', '192.0.2.4')).toBe(429);
  } finally {
    await app.stop();
  }
});

test('tokens come back with time, and no name takes from another', () => {
  let nowMs = 0;
  const limit = createRateLimit(60, () => nowMs);
  for (let i = 0; i < 60; i++) expect(limit.take('a')).toBe(0);
  expect(limit.take('a')).toBeCloseTo(1);
  expect(limit.take('b')).toBe(0);
  nowMs = 1500;
  expect(limit.take('a')).toBe(0);
  expect(limit.take('a')).toBeCloseTo(0.5);
});

test('a note is kept with what is cached', async () => {
  const app = await startApp({ cacheBytes: 1e6 });
  try {
    const { ask } = asking((url, init) => app.fetch(url, init));
    const wave = new Float32Array(8000).map((_, n) => 0.5 * Math.sin(n / 5));
    const audio = makeWav({ channels: [wave, wave.map((value) => -0.8 * value)] });
    const asked = [await ask('/v1/embed/audio', { audio }), await ask('/v1/embed/audio', { audio })];
    const note = 'audio: Its 2 channels cancel each other; channel 1 alone is heard.';
    expect(asked.map(({ body }) => body.notes)).toEqual([[note], [note]]);
  } finally {
    await app.stop();
  }
});

test('metrics say what was asked, where the time went and what the cache holds', async () => {
  const app = await startApp({ cacheBytes: 1e6 });
  try {
    const { ask } = asking((url, init) => app.fetch(url, init));
    const [first, second] = [await ask('/v1/correspondence', good), await ask('/v1/correspondence', good)];
    expect(second.body.score).toBe(first.body.score);
    expect(second.body.timings.decode).toBeLessThan(first.body.timings.decode);
    expect((await ask('/v1/correspondence', { ...good, image: new Uint8Array(9) })).status).toBe(415);
    const text = await (await app.fetch('/metrics')).text();
    expect(text).toContain('clapper_embedding_cache_total{outcome="miss"} 3');
    expect(text).toContain('clapper_embedding_cache_total{outcome="hit"} 3');
    expect(text).toContain('clapper_embedding_cache_hit_ratio 0.5');
    expect(text).toContain('clapper_workers_alive 1');
    expect(text).toContain('clapper_stage_seconds_count{stage="infer",model="digits"} 2');
    const drawn = (await readFile('deploy/grafana.json', 'utf8')).match(/\b(?:clapper|nodejs|process)_\w+/g) ?? [];
    const names = new Set(drawn.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    expect(names.size).toBeGreaterThan(10);
    for (const name of names) expect(text).toContain(`# TYPE ${name} `);
  } finally {
    await app.stop();
  }
});

test('what breaks is told with the id of the request', async () => {
  const told: unknown[] = [];
  const app = await startApp({ onTrouble: (error, id) => told.push((error as Error).message, id) });
  try {
    app.app.post('/broken', () => {
      throw new Error('a mistake of ours');
    });
    const outgoing = { options: { requestId: 'asked-1' } };
    const { status } = await app.app.request('/broken', { method: 'POST' }, { outgoing });
    expect([status, ...told]).toEqual([500, 'a mistake of ours', 'asked-1']);
  } finally {
    await app.stop();
  }
});

test('other pages may ask where they are listed', async () => {
  const app = await startApp({ corsOrigins: ['https://here.example'] });
  try {
    const ask = (origin: string) =>
      app.fetch('/v1/correspondence', { method: 'POST', body: formOf(good), headers: { origin } });
    expect((await ask('https://here.example')).headers.get('Access-Control-Allow-Origin')).toBe('https://here.example');
    expect((await ask('https://there.example')).headers.get('Access-Control-Allow-Origin')).toBeNull();
    expect((await ask('https://here.example')).headers.get('Access-Control-Expose-Headers')).toContain('Retry-After');
  } finally {
    await app.stop();
  }
});

test('models are read anew while questions are answered, and old workers end', async () => {
  const app = await startApp({ modelControl: true });
  try {
    const before = app.engine.generation.fleet;
    const { ask, get } = asking((url, init) => app.fetch(url, init));
    let isReloading = true;
    const reload = get('/v1/reload', { method: 'POST' }).finally(() => {
      isReloading = false;
    });
    while (isReloading) expect((await ask('/v1/correspondence', good)).status).toBe(200);
    expect((await reload).body).toEqual({ models: ['digits'] });
    expect(app.engine.generation.fleet).not.toBe(before);
    expect((await ask('/v1/correspondence', good)).status).toBe(200);
    await expect.poll(() => before.alive).toBe(0);
  } finally {
    await app.stop();
  }
});

describe('the command line', () => {
  test('prints all settings, from flags and the environment', async () => {
    const { stdout, exitCode } = await runClapper(['serve', '--print-config', '--bundle', 'a', '--max-body-mb', '7'], {
      CLAPPER_QUEUE_ITEMS: '9',
      CLAPPER_CORS_ORIGINS: 'https://a.example, https://b.example',
      CLAPPER_MODEL_CONTROL: 'false',
      CLAPPER_LOG_REQUESTS: '1',
      CLAPPER_VARIANTS: 'int8,int8',
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      bundle: ['a'],
      maxBodyMb: 7,
      queueItems: 9,
      corsOrigins: ['https://a.example', 'https://b.example'],
      port: 3000,
      modelControl: false,
      logRequests: true,
      variants: ['int8'],
    });
  });

  const digits = ['--bundle', 'models/digits'];
  test.each<[string, string[], Record<string, string>, number, string]>([
    ['no bundle', [], {}, 2, 'Expected --bundle FOLDER or --models FOLDER'],
    ['what is no origin', [...digits, '--cors-origins', 'example.org'], {}, 2, 'Expected origins such as'],
    ['what is no network', [...digits, '--trusted-proxies', '10.0.0.0/33'], {}, 2, 'networks such as 10.0.0.0/8'],
    ['a folder without a page', [...digits, '--page', 'docs'], {}, 1, 'Expected a built page in docs'],
    // Node would listen on every address.
    [
      'an empty address',
      digits,
      { CLAPPER_HOST: '' },
      2,
      "from env 'CLAPPER_HOST' is invalid. Expected a value but it is empty",
    ],
    ['a switch that is neither on nor off', digits, { CLAPPER_MODEL_CONTROL: 'perhaps' }, 2, 'Expected true or false'],
    // Of a timer that is too long Node makes one of a millisecond.
    [
      'a time that no timer holds',
      [...digits, '--request-timeout-seconds', '3000000'],
      {},
      2,
      'Expected at most 2000000',
    ],
    ['less room for all bodies than for one', [...digits, '--max-body-mb', '300'], {}, 1, '--max-held-mb'],
  ])('%s is refused before it serves', async (_, flags, env, code, message) => {
    const { stderr, exitCode } = await runClapper(['serve', '--port', '0', ...flags], env);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(code);
  });

  test('a GPU that is not there is said, and ends it', async () => {
    const { exitCode, stderr } = await runClapper([
      'serve',
      '--bundle',
      'models/digits',
      '--port',
      '0',
      '--device',
      'cuda',
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: Expected cuda to run ONNX Runtime but .*--device cpu does without\.\n$/);
  });
});
