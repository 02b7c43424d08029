import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const clone = mkdtempSync(join(tmpdir(), 'clapper-not-set-up-'));
afterAll(() => rmSync(clone, { recursive: true }));

/** A clone with all packages, where `clapper setup` has not run: tfjs is there, its addon is not. */
beforeAll(() => {
  for (const name of [
    'bin',
    'cli.ts',
    'core',
    'export',
    'native',
    'node',
    'package.json',
    'package-lock.json',
    'prepare',
  ])
    cpSync(name, join(clone, name), { recursive: true });
  for (const name of ['bench', 'quickstart.ts', 'serving', 'training', 'tsconfig.json'])
    cpSync(name, join(clone, name), { recursive: true });
  mkdirSync(join(clone, 'node_modules/@tensorflow'), { recursive: true });
  for (const name of readdirSync('node_modules').filter((name) => name !== '.cache' && name !== '@tensorflow'))
    symlinkSync(join(process.cwd(), 'node_modules', name), join(clone, 'node_modules', name));
  for (const name of readdirSync('node_modules/@tensorflow')) {
    const [from, to] = [join('node_modules/@tensorflow', name), join(clone, 'node_modules/@tensorflow', name)];
    if (name !== 'tfjs-node-gpu') symlinkSync(join(process.cwd(), from), to);
    else for (const part of ['dist', 'package.json']) cpSync(join(from, part), join(to, part), { recursive: true });
  }
});

function clapper(...args: string[]) {
  const { status, stderr } = spawnSync(process.execPath, ['bin/clapper.mjs', ...args], {
    cwd: clone,
    encoding: 'utf8',
  });
  return { status, stderr };
}

const advice = /^error: Expected TensorFlow to train with, but it is not set up \(.*\)\. Run: npx clapper setup\n$/;

test('`train` before `setup` says in a sentence what to run', () => {
  const { status, stderr } = clapper('train', '--preset', 'digits', '--out', 'runs/digits');
  expect(stderr).toMatch(advice);
  expect(status).toBe(1);
});

test('`reproduce` before `setup` does too, before it begins', () => {
  const { status, stderr } = clapper('reproduce', 'mfcc-svm');
  expect(stderr).toMatch(advice);
  expect(status).toBe(1);
});

test('what needs no TensorFlow runs', () => {
  const { status, stderr } = clapper('reproduce', '--help');
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
