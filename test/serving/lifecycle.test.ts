import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeWav } from '../core/media/support/makeWav.ts';
import { ask, get } from './support/ask.ts';
import { type Running, runClapper, startClapper, startServer } from './support/clapper.ts';
import { readDigitFiles } from './support/digits.ts';

const left: (() => unknown)[] = [];
afterEach(async () => {
  for (const remove of left.splice(0)) await remove();
});

test('a server lives, then is ready, and on SIGTERM finishes what it has and takes no more', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = startClapper(['serve', '--bundle', 'models/digits', '--port', String(port), '--workers', '1']);
  left.push(() => running.process.kill('SIGKILL'));
  await until(() => get(`${url}/healthz`).then(({ status }) => status === 200), running);
  expect(await get(`${url}/readyz`)).toMatchObject({ status: 503, body: { error: { type: 'starting' } } });
  expect((await ask(`${url}/v1/correspondence`, {})).status).toBe(503);
  // Not 404: who asks too early must not believe that the model is missing.
  for (const path of ['/v1/models', '/v1/models/digits', '/v2/models/digits.audio', '/models/digits/manifest.json']) {
    expect((await get(url + path)).status, path).toBe(503);
  }
  expect((await running.said(/^Serving .*\n$/))[0]).toBe(`Serving digits on ${url}\n`);
  expect(await get(`${url}/readyz`)).toMatchObject({ status: 200, body: { status: 'ready' } });

  const { written } = await readDigitFiles();
  const question = {
    audio: makeWav({ channels: [new Float32Array(60 * 8000).map((_, n) => 0.5 * Math.sin(n / 5))] }),
    image: written[3] as Uint8Array,
  };
  const underWay = Array.from({ length: 6 }, () => ask(`${url}/v1/correspondence`, question));
  await Promise.race(underWay); // with one worker, five wait while the first is answered
  running.process.kill('SIGTERM');
  const answers = await Promise.all(underWay);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(answers.at(-1)?.headers.get('Connection')).toBe('close');
  await expect(connecting(port)).rejects.toThrow('ECONNREFUSED'); // takes no more
  expect((await running.ended).exitCode).toBe(0);
});

test('SIGHUP while a server starts counts once it has, SIGTERM ends it at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-keys-'));
  left.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'keys');
  const write = (key: string) => writeFile(file, `robot:${createHash('sha256').update(key).digest('hex')}\n`);
  const start = async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const args = ['--bundle', 'models/digits', '--port', String(port), '--workers', '1', '--api-keys', file];
    const running = startClapper(['serve', ...args]);
    left.push(() => running.process.kill('SIGKILL'));
    await until(() => get(`${url}/healthz`).then(({ status }) => status === 200), running);
    expect((await get(`${url}/readyz`)).status).toBe(503);
    return { url, running };
  };
  await write('before');
  const { url, running } = await start();
  await write('after');
  running.process.kill('SIGHUP');
  await running.said(/^Serving /);
  const status = async (key: string) =>
    (await get(`${url}/v1/models`, { headers: { Authorization: `Bearer ${key}` } })).status;
  await until(async () => (await status('after')) === 200, running);
  expect(await status('before')).toBe(401);

  const ended = await start();
  ended.running.process.kill('SIGTERM');
  // By itself, not by the system: the first process of a container is ended by no signal that it does not listen to.
  expect(await ended.running.ended).toMatchObject({ exitCode: 143, stdout: '' });
});

test('a server whose log nobody reads any more goes on', async () => {
  const { url, running, stop } = await startServer(['--bundle', 'models/digits', '--workers', '1', '--log-requests']);
  left.push(stop);
  running.process.stderr?.destroy();
  for (let asked = 0; asked < 5; asked++) {
    expect((await get(`${url}/healthz`)).status).toBe(200); // each is a line of the log
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(running.process.exitCode).toBeNull();
});

test('metrics tell the routes apart, and count what there is not as one', async () => {
  const { url, stop } = await startServer(['--bundle', 'models/digits', '--workers', '1']);
  left.push(stop);
  const paths = ['/healthz', '/v1/models', '/v1/models/digits', '/v1/models/letters', '/v2/', '/openapi.json', '/docs'];
  for (const path of [...paths, '/docs/swagger-ui.css', '/models/digits/golden.json', '/nothing', '/else', '/']) {
    await get(url + path);
  }
  const { body } = await get(`${url}/metrics`);
  const counted = [...body.matchAll(/^clapper_requests_total{route="([^"]+)",method="GET",status="(\d+)"} (\d+)/gm)];
  const routes = Object.fromEntries(counted.map(([, route, status, count]) => [`${route} ${status}`, Number(count)]));
  expect(routes).toMatchObject({
    '/healthz 200': 1,
    '/v1/models 200': 1,
    '/v1/models/:name 200': 1,
    '/v1/models/:name 404': 1,
    '/v2 200': 1,
    '/openapi.json 200': 1,
    '/docs 200': 1,
    '/models/:name/:file 200': 1,
    'other 404': 2,
  });
  expect(Object.values(routes).reduce((sum, count) => sum + count, 0)).toBe(12);
});

test('a port that is taken is said in one sentence', async () => {
  const { port, close } = await takePort();
  left.push(close);
  const { exitCode, stderr, stdout } = await runClapper(['serve', '--bundle', 'models/digits', '--port', String(port)]);
  expect(exitCode).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(new RegExp(`^error: Port ${port} of 127.0.0.1 is taken .*--port ${port + 1}\\.\n$`));
});

test('a folder that is no bundle is refused, with how to make one', async () => {
  const { exitCode, stderr } = await runClapper(['serve', '--bundle', 'models/letters', '--port', '0']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: Expected a bundle in models\/letters .*npx clapper export .*\n$/);
});

test('a bundle of which a file cannot be read is refused in one sentence', async () => {
  const folder = await copyBundle();
  await rm(join(folder, 'audio.onnx'));
  await mkdir(join(folder, 'audio.onnx')); // as unreadable to root as a file without rights is to others
  const { exitCode, stderr } = await runClapper(['serve', '--bundle', folder, '--port', '0']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: The file audio.onnx of the bundle .* cannot be read \(EISDIR\)\..*\n$/);
});

test("a bundle that does not give its trainer's numbers is not served", async () => {
  const folder = await copyBundle();
  await changeGolden(folder, (golden) => {
    golden.logits.match[1][0] += 0.01;
  });
  // Also with a second port open, which would keep the process.
  const { exitCode, stderr } = await runClapper(['serve', '--bundle', folder, '--port', '0', '--grpc-port', '0']);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: .* do not give their trainer's numbers here: match \(off by .*\n$/m);
});

test('two bundles are served side by side, each by its name', async () => {
  const folder = await copyBundle();
  await changeManifest(folder, (manifest) => {
    manifest.name = 'digits-again';
  });
  const server = await startServer(['--bundle', 'models/digits', '--bundle', folder, '--workers', '1']);
  left.push(server.stop);
  const { spoken, written } = await readDigitFiles();
  const question = { audio: spoken[1] as Uint8Array, image: written[1] as Uint8Array };
  const [first, second] = [
    await ask(`${server.url}/v1/correspondence`, question),
    await ask(`${server.url}/v1/correspondence`, { ...question, model: 'digits-again' }),
  ];
  expect([first.body.model, second.body.model]).toEqual(['digits', 'digits-again']);
  expect(second.body.score).toBe(first.body.score);
});

async function copyBundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-bundle-'));
  left.push(() => rm(folder, { recursive: true }));
  await cp('models/digits', folder, { recursive: true });
  return folder;
}

// biome-ignore lint/suspicious/noExplicitAny: files of the bundle, changed at will
type Change = (json: any) => void;

async function changeManifest(folder: string, change: Change): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  change(manifest);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}

async function changeGolden(folder: string, change: Change): Promise<void> {
  const golden = JSON.parse(await readFile(join(folder, 'golden.json'), 'utf8'));
  change(golden);
  const text = JSON.stringify(golden);
  await writeFile(join(folder, 'golden.json'), text);
  await changeManifest(folder, (manifest) => {
    const sha256 = createHash('sha256').update(text).digest('hex');
    Object.assign(manifest.golden, { sha256, bytes: text.length });
  });
}

async function takePort(): Promise<{ port: number; close: () => void }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port, close: () => server.close() };
}

async function freePort(): Promise<number> {
  const { port, close } = await takePort();
  close();
  return port;
}

function connecting(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(void socket.destroy())).on('error', reject);
  });
}

async function until(isSo: () => Promise<boolean>, { process: child }: Running): Promise<void> {
  while (!(await isSo().catch(() => false))) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
