import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportBundle } from '../../export/export.ts';
import { randomNetwork, smallConfig, writeCheckpoint } from './support/checkpoint.ts';

const cli = fileURLToPath(new URL('../../cli.ts', import.meta.url));
let folder: string;
let run: string;
let bundle: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-cli-'));
  run = await writeCheckpoint(randomNetwork(smallConfig));
  bundle = join(folder, 'digits');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(run, { recursive: true });
});

function clapper(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', cli, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test('export, verify and evaluate print one JSON object each, and nothing of ONNX Runtime reaches the terminal', async () => {
  const exported = await clapper('export', '--checkpoint', run, '--out', bundle, '--name', 'tiny', '--json');
  expect(exported).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(exported.stdout)).toMatchObject({ bundle, name: 'tiny' });

  const verified = await clapper('verify', '--bundle', bundle, '--json');
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(verified.stdout)).toMatchObject({ bundle, passed: true, failed: [] });

  const evaluated = await clapper('evaluate', '--bundle', bundle, '--json');
  expect(evaluated.code).toBe(0);
  expect(evaluated.stderr).toMatch(/^( {2}(sounds of pairs|pictures of pairs|classified by) .*\n)*$/);
  const { pairs, accuracy, rocAuc } = JSON.parse(evaluated.stdout);
  expect(pairs).toBe(3000);
  expect(accuracy).toBeGreaterThan(0.3); // the network is random
  expect(rocAuc).toBeLessThan(0.7);
});

test('verify shows people which output differs, and exits with 1', async () => {
  const spoilt = join(folder, 'spoilt');
  await exportBundle({ checkpoint: run, out: spoilt, version: '1' });
  const golden = JSON.parse(await readFile(join(spoilt, 'golden.json'), 'utf8'));
  golden.encoders.image.features[0] += 1;
  await writeFile(join(spoilt, 'golden.json'), JSON.stringify(golden));
  const entry = await fileEntry(join(spoilt, 'golden.json'));
  const manifest = JSON.parse(await readFile(join(spoilt, 'manifest.json'), 'utf8'));
  await writeFile(join(spoilt, 'manifest.json'), JSON.stringify({ ...manifest, golden: entry }));

  const { code, stdout, stderr } = await clapper('verify', '--bundle', spoilt);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toMatch(/image_features +\d\.\de-\d +1\.0e-4 +differs/);
  expect(stdout).toMatch(/audio_features .* ok/);
});

test.each([
  [['export', '--checkpoint', 'nowhere', '--out', 'x'], 1, 'error: Expected a checkpoint'],
  [['verify', '--bundle', 'nowhere'], 1, 'error: Expected a bundle in nowhere'],
  [['evaluate', '--bundle', 'nowhere'], 1, 'error: Expected a bundle in nowhere'],
  [
    ['verify', '--bundle', 'x', '--against', 'y', '--dataset', 'z'],
    2,
    "'--dataset <folder>' cannot be used with option",
  ],
  [['bench', 'serve', '--servers', 'clapper,fastapi'], 2, 'Expected some of clapper, fastapi-1,'],
  [['bench', 'serve', '--servers', 'clapper', '--audio', 'nowhere.wav'], 1, 'Expected the file nowhere.wav'],
  [['quickstart', '--port', 'web'], 2, 'Expected a whole number from 0 to 65535'],
  [['verify'], 2, "required option '--bundle <folder>' not specified"],
  [['verify', '--bundle', 'x', '--jsno'], 2, "unknown option '--jsno'\n(Did you mean --json?)"],
])('clapper %j exits with %i and says why', async (args, expectedCode, message) => {
  const { code, stdout, stderr } = await clapper(...args);
  expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
  expect(stderr).toContain(message);
});

async function fileEntry(path: string) {
  const content = await readFile(path);
  return { file: basename(path), sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
