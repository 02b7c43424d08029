import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

// npm's part is played by a script that does as `npm ci` does, slowly: packages first, its list of them last.
const npmCi = `#!/bin/sh
echo run >> "$CALLS"
for name in one two three; do
  mkdir -p node_modules/$name && cp package.json node_modules/$name/ && sleep 0.1
done
cp package-lock.json node_modules/.package-lock.json
`;

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'clapper-install-'));
  for (const file of ['bin/install.mjs', 'node/isRunning.mjs'])
    cpSync(new URL(`../../${file}`, import.meta.url), join(clone, file));
  writeFileSync(join(clone, 'package.json'), '{ "name": "clone", "imports": { "#node/*": "./node/*" } }');
  writeLock('1.0.0');
  writeFileSync(join(clone, 'bin/npm'), npmCi);
  chmodSync(join(clone, 'bin/npm'), 0o755);
});
afterEach(() => rmSync(clone, { recursive: true }));

function writeLock(version: string): void {
  const names = ['one', 'two', 'three'];
  const packages = Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version }]));
  const elsewhere = { version, optional: true, os: ['plan9'], cpu: ['mips'] };
  const lock = { packages: { '': { name: 'clone' }, ...packages, 'node_modules/elsewhere': elsewhere } };
  writeFileSync(join(clone, 'package-lock.json'), JSON.stringify(lock));
}

function startInstall() {
  const env = { PATH: [join(clone, 'bin'), process.env.PATH].join(delimiter), CALLS: join(clone, 'calls') };
  const child = spawn(process.execPath, ['bin/install.mjs'], { cwd: clone, env, detached: true });
  let output = '';
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }));
  });
  return { child, ended };
}

const calls = () =>
  existsSync(join(clone, 'calls')) ? readFileSync(join(clone, 'calls'), 'utf8').split('\n').length - 1 : 0;
const isWhole = () =>
  existsSync(join(clone, 'node_modules/.package-lock.json')) &&
  existsSync(join(clone, 'node_modules/three/package.json'));
const leftovers = () => readdirSync(clone).filter((name) => name.includes('partial'));

test('packages are installed once, and again only when the lock asks for others', async () => {
  expect((await startInstall().ended).output).toMatch(
    /^Installing 3 npm packages …\nInstalled 3 npm packages in \d+ s\.\n$/,
  );
  expect(await startInstall().ended).toEqual({ code: 0, output: '' });
  expect(calls()).toBe(1);
  writeLock('2.0.0');
  expect((await startInstall().ended).code).toBe(0);
  expect(calls()).toBe(2);
  expect(isWhole()).toBe(true);
  expect(leftovers()).toEqual([]);
});

test('a package that has gone is put back', async () => {
  await startInstall().ended;
  rmSync(join(clone, 'node_modules/two'), { recursive: true });
  await startInstall().ended;
  expect(existsSync(join(clone, 'node_modules/two/package.json'))).toBe(true);
});

test('killed at any moment, there is a whole node_modules or none, and the next run completes it', async () => {
  for (const ms of [60, 120, 200, 300, 400, 500]) {
    const { child, ended } = startInstall();
    await sleep(ms);
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
    await ended;
    expect(existsSync(join(clone, 'node_modules'))).toBe(isWhole());
  }
  expect((await startInstall().ended).code).toBe(0);
  expect(isWhole()).toBe(true);
  expect(leftovers()).toEqual([]);
});

test('four at once end with one whole node_modules', async () => {
  const codes = (await Promise.all([1, 2, 3, 4].map(() => startInstall().ended))).map(({ code }) => code);
  expect(codes).toEqual([0, 0, 0, 0]);
  expect(isWhole()).toBe(true);
  expect(leftovers()).toEqual([]);
});

test('where npm fails, its own words stand with what to check: exit 1', async () => {
  writeFileSync(join(clone, 'bin/npm'), '#!/bin/sh\necho "npm error network ENOTFOUND" >&2\nexit 1\n');
  const { code, output } = await startInstall().ended;
  expect(code).toBe(1);
  expect(output).toContain('error: npm ci failed:\nnpm error network ENOTFOUND\nCheck the network');
  expect(leftovers()).toEqual([]);
});
