import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Server, startServer } from '../support/clapper.ts';
import { readDigitFiles } from '../support/digits.ts';

const run = promisify(execFile);
const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/http/${name}`, import.meta.url));

let server: Server;
let folder: string;
let files: string[];

beforeAll(async () => {
  const { spoken, written } = await readDigitFiles();
  folder = await mkdtemp(join(tmpdir(), 'clapper-clients-'));
  files = [join(folder, 'three.wav'), join(folder, 'three.png')];
  await writeFile(files[0] as string, spoken[3] as Uint8Array);
  await writeFile(files[1] as string, written[3] as Uint8Array);
  server = await startServer();
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

// Their compilers take minutes where they have no cache.
test.each<[string, string[], string[]]>([
  ['go', ['version'], ['run', fixture('client.go')]],
  ['java', ['--version'], [fixture('Client.java')]],
])("%s's own client", { timeout: 600_000 }, async (program, ask, args) => {
  const isThere = await run(program, ask).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  const env = { ...process.env, GO111MODULE: 'off' };
  const { stdout } = await run(program, [...args, server.url, ...files], { env });
  expect(JSON.parse(stdout).score).toBeGreaterThan(0.5);
});
