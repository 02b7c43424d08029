import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const allowed = {
  core: ['../errors.ts', 'zod', 'onnxruntime-common', 'mediabunny'],
  node: ['./x.ts', '#core/errors.ts', 'node:fs', 'sharp', 'onnxruntime-node', 'commander'],
  prepare: ['../plan.ts', '#core/errors.ts', '#node/isRunning.mjs', 'node:fs', 'sharp', 'zod'],
  training: [
    './x.ts',
    '../adam.ts',
    '#core/errors.ts',
    '#node/isRunning.mjs',
    'node:fs',
    'node:fs/promises',
    'commander',
  ],
  'training/tensorflow': ['@tensorflow/tfjs-node-gpu'],
  export: ['#core/bundle/open.ts', '#node/files.ts', 'onnxruntime-node', 'protobufjs'],
  serving: ['#core/errors.ts', 'hono', 'hono/cors', '#node/worker.ts', 'onnxruntime-node', 'node:worker_threads'],
  'web-demo': ['#core/errors.ts', 'onnxruntime-web/wasm'],
  bench: ['#core/progress.ts', '#node/flags.ts', 'node:child_process', 'sharp', 'commander'],
  '.': ['./training/cli.ts', './prepare/cli.ts', 'commander'],
};

const forbidden = {
  core: [
    'node:fs',
    'fs',
    '#node/isRunning.mjs',
    'onnxruntime-node',
    'onnxruntime-web/wasm',
    '@tensorflow/tfjs',
    '../../training/adam.ts',
  ],
  node: [
    '../../training/adam.ts',
    '../../prepare/plan.ts',
    '../../core/errors.ts',
    'hono',
    '@tensorflow/tfjs-node-gpu',
  ],
  prepare: ['../../training/adam.ts', '../../node/isRunning.mjs', 'hono', '@tensorflow/tfjs-node-gpu', 'yauzl'],
  training: [
    '../../prepare/plan.ts',
    '../../export/verify.ts',
    '../../core/errors.ts',
    'onnxruntime-node',
    'hono',
    'sharp',
    '@tensorflow/tfjs-node-gpu',
  ],
  export: ['../../training/checkpoint.ts', '@tensorflow/tfjs', 'hono', 'yauzl', 'sharp'],
  serving: [
    '../../export/verify.ts',
    '../../web-demo/page.ts',
    '@tensorflow/tfjs-node-gpu',
    'onnxruntime-web',
    'sharp',
  ],
  bench: ['../../training/data/loader/batchLoader.ts', '@tensorflow/tfjs-node-gpu', 'hono'],
  'web-demo': ['../../serving/limits.ts', '#node/isRunning.mjs', 'onnxruntime-node', 'node:path', 'sharp', 'hono'],
};

const folder = mkdtempSync(join(tmpdir(), 'clapper-boundaries-'));
let output: string;

/** One file for each import, as deep as most files are. */
function fileFor(stage: string, imported: string): string {
  return join(stage, stage === '.' ? '' : 'inner', `${encodeURIComponent(imported)}.ts`);
}

beforeAll(() => {
  for (const file of ['biome.json', '.gitignore'])
    cpSync(new URL(`../../${file}`, import.meta.url), join(folder, file));
  for (const [stage, imports] of [...Object.entries(allowed), ...Object.entries(forbidden)]) {
    for (const imported of imports) {
      const file = join(folder, fileFor(stage, imported));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `export * from '${imported}';\n`);
    }
  }
  writeFileSync(join(folder, 'core/inner/global.ts'), 'export const width = window.innerWidth;\n');
  const biome = join(dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json')), 'bin/biome');
  const args = ['lint', '--max-diagnostics=none', '--colors=off'];
  output = spawnSync(process.execPath, [biome, ...args], { cwd: folder, encoding: 'utf8' }).stderr;
});
afterAll(() => rmSync(folder, { recursive: true }));

const rows = (table: Record<string, string[]>) =>
  Object.entries(table).flatMap(([stage, imports]) => imports.map((imported) => ({ stage, imported })));

test.each(rows(forbidden))('lint refuses $imported in $stage/', ({ stage, imported }) => {
  expect(output).toContain(`${fileFor(stage, imported)}:1:15 lint/style/noRestrictedImports`);
});

test.each(rows(allowed))('lint allows $imported in $stage/', ({ stage, imported }) => {
  expect(output).not.toContain(`${fileFor(stage, imported)}:`);
});

test('lint refuses the DOM in core/', () => {
  expect(output).toContain('core/inner/global.ts:1:22 lint/style/noRestrictedGlobals');
});
