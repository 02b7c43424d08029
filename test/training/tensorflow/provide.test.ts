import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FakeTensorFlow, makeFakeTensorFlow } from './support/fakeWheel.ts';

const tsx = import.meta.resolve('tsx');
const script = new URL('./support/provideFake.ts', import.meta.url).pathname;

let fake: FakeTensorFlow;
let cacheFolder: string;
beforeAll(() => {
  fake = makeFakeTensorFlow({ megabytes: 15 });
});
beforeEach(() => {
  cacheFolder = join(fake.folder, 'cache');
  rmSync(cacheFolder, { recursive: true, force: true });
  rmSync(join(fake.packageFolder, 'lib'), { recursive: true, force: true });
});
afterAll(() => rmSync(fake.folder, { recursive: true }));

interface Provider {
  child: ChildProcess;
  ended: Promise<{ code: number | null; output: string }>;
}

function startProvider(options: { sha256?: string; diskBytes?: number; env?: Record<string, string> } = {}): Provider {
  const { packageFolder, bytes } = fake;
  const { sha256 = fake.sha256, diskBytes = bytes } = options;
  const argument = JSON.stringify({ packageFolder, cacheFolder, bytes, sha256, diskBytes });
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: fake.index, ...options.env };
  // A group of its own: a kill takes pip and g++ along, as closing a terminal or a container does.
  const child = spawn(process.execPath, ['--import', tsx, script, argument], { env, detached: true });
  let output = '';
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
  return { child, ended };
}

/** What the linked addon says; null where nothing is linked. It is loaded as tfjs loads it. */
function answer(): number | null {
  const addon = join(fake.packageFolder, 'lib/napi-v8/tfjs_binding.node');
  return existsSync(addon) ? createRequire(import.meta.url)(addon).answer : null;
}

const libraries = () => join(cacheFolder, 'fake-tensorflow-1.0');
const leftovers = () =>
  (readdirSync(cacheFolder, { recursive: true }) as string[]).filter((name) =>
    /unfinished|lock|download|\.whl/.test(name),
  );

test('a wheel becomes a linked addon that loads; only the files asked for are kept', async () => {
  expect((await startProvider().ended).code).toBe(0);
  expect(answer()).toBe(42);
  expect(readdirSync(join(libraries(), 'tensorflow')).sort()).toEqual([
    'large.bin',
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
  ]);
  expect(leftovers()).toEqual([]);
});

test('killed again and again, what is there is whole, and the next run completes it', async () => {
  const startMs = performance.now();
  await startProvider().ended;
  const wholeMs = performance.now() - startMs;
  rmSync(cacheFolder, { recursive: true });
  rmSync(join(fake.packageFolder, 'lib'), { recursive: true });
  for (const share of [0.3, 0.5, 0.7, 0.9]) {
    const { child, ended } = startProvider();
    await sleep(share * wholeMs);
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
    await ended;
    if (existsSync(libraries())) expect(statSync(join(libraries(), 'tensorflow/large.bin')).size).toBe(15e6);
    expect([null, 42]).toContain(answer());
  }
  expect((await startProvider().ended).code).toBe(0);
  expect(answer()).toBe(42);
  expect(leftovers()).toEqual([]);
}, 120_000);

test('four at once all succeed, and download once', async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => startProvider().ended));
  expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  expect(answer()).toBe(42);
  expect(leftovers()).toEqual([]);
  expect(runs.filter(({ output }) => output.includes('Downloading TensorFlow'))).toHaveLength(1);
});

test('a second run changes nothing, and new node_modules are linked to what was built', async () => {
  await startProvider().ended;
  const link = join(fake.packageFolder, 'lib/napi-v8/tfjs_binding.node');
  const linkedMs = lstatSync(link).mtimeMs;
  expect(await startProvider().ended).toEqual({ code: 0, output: '' });
  expect(lstatSync(link).mtimeMs).toBe(linkedMs);

  rmSync(join(fake.packageFolder, 'lib'), { recursive: true });
  expect(await startProvider({ env: { PATH: '/nowhere' } }).ended).toEqual({ code: 0, output: '' }); // no g++, no pip
  expect(answer()).toBe(42);
});

test('a wheel that is not the pinned one is refused', async () => {
  const { code, output } = await startProvider({ sha256: '0'.repeat(64) }).ended;
  expect(code).toBe(1);
  expect(output).toContain(`Expected fake-tensorflow 1.0 with sha256 ${'0'.repeat(64)}`);
  expect(existsSync(libraries())).toBe(false);
  expect(leftovers()).toEqual([]);
});

test('where there is too little space nothing is downloaded, and the message says how much it takes', async () => {
  const { code, output } = await startProvider({ diskBytes: 1e15 }).ended;
  expect(code).toBe(1);
  expect(output).toContain(`Expected 1000000000 MB of free space for TensorFlow in ${cacheFolder} but there is`);
  expect(leftovers()).toEqual([]);
});
