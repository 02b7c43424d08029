import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const clapper = fileURLToPath(new URL('../../../bin/clapper.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'clapper-failures-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder of programs that do as the shell lines say; with Node's own folder it is the whole PATH. */
function pathWith(programs: Record<string, string>): string {
  const bin = mkdtempSync(join(folder, 'bin-'));
  for (const [name, lines] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

function setup(env: Record<string, string>) {
  const cache = { CLAPPER_CACHE: mkdtempSync(join(folder, 'cache-')) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [clapper, 'setup', '--cpu', '--json'], {
    encoding: 'utf8',
    env: { HOME: folder, ...cache, ...env },
  });
  return { status, stdout, stderr };
}

const answers = 'exit 0';
const pip = (version: string) =>
  `[ "$1" = --version ] && echo pip ${version} && exit 0; echo this is the pip that was asked; exit 1`;

test('without a C++ compiler: nothing is downloaded, and the message has the command that installs one', () => {
  const { status, stdout, stderr } = setup({ PATH: pathWith({ python3: answers }) });
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error: Expected a C\+\+ compiler.*\n.*sudo apt-get install -y g\+\+.*npx clapper setup\n$/);
});

test('without pip, though there is a Python: the message has the command that installs it', () => {
  const { status, stderr } = setup({
    PATH: pathWith({ 'g++': answers, python3: 'echo No module named pip >&2; exit 1' }),
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: Expected Python with pip.*\n.*sudo apt-get install -y python3-pip.*then run the same command again\n$/,
  );
});

test('pip3 and pip serve where `python3 -m pip` does not', () => {
  for (const name of ['pip3', 'pip']) {
    const { stderr } = setup({ PATH: pathWith({ 'g++': answers, [name]: pip('25.0') }) });
    expect(stderr).toContain('this is the pip that was asked');
  }
});

test('a pip too old to know the wheel is named, with the command that renews it', () => {
  const { status, stderr } = setup({ PATH: pathWith({ 'g++': answers, pip3: pip('20.2.3') }) });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: Expected pip 20\.3 or newer.*but pip3 is version 20\.2\.3\.\n.*install --user --upgrade pip/,
  );
});

test('without a network: what pip said, and what to check', () => {
  const { status, stderr } = setup({
    PATH: [dirname(process.execPath), '/usr/bin', '/bin', process.env.PATH].join(delimiter),
    PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_RETRIES: '0',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('error: Expected to download tensorflow-cpu 2.21.0 with pip but it failed:');
  expect(stderr).toContain('Check the network');
});

test('a cache folder that cannot be written is named, with the variable that names another', () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const { status, stderr } = setup({
    PATH: pathWith({ 'g++': answers, python3: answers }),
    CLAPPER_CACHE: join(file, 'cache'),
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`error: Expected to write TensorFlow into ${join(file, 'cache')} but`);
  expect(stderr).toContain('Put CLAPPER_CACHE=/path before the command');
});
