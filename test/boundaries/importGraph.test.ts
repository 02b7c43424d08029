import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The modules that each module names, types included: what one file needs of another to be understood. */
type Imports = Map<string, string[]>;

const specifiers = /(?:\bfrom|\bimport)\s*\(?\s*'((?:\.{1,2}|#core|#node)\/[^']+)'/g;

function importsOf(file: string, source: string): string[] {
  return Array.from(source.matchAll(specifiers), ([, specifier = '']) =>
    specifier.startsWith('#') ? specifier.slice(1) : normalize(join(dirname(file), specifier)),
  );
}

/** @returns each circle as the files along it; none: an empty list. */
function circles(imports: Imports): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file]);
    if (done.has(file) || path.includes(file)) return;
    path.push(file);
    for (const imported of imports.get(file) ?? []) visit(imported);
    path.pop();
    done.add(file);
  };
  for (const file of imports.keys()) visit(file);
  return found;
}

/** Of every file of this repository, as it stands. */
function importsOfRepository(): Imports {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root });
  const files = [...new Set(listed.toString().split('\0'))].filter((file) => /\.(ts|js|mjs)$/.test(file));
  const sources = files.flatMap((file): [string, string][] => {
    try {
      return [[file, readFileSync(join(root, file), 'utf8')]];
    } catch {
      return []; // listed, but deleted
    }
  });
  return new Map(sources.map(([file, source]) => [file, importsOf(file, source)]));
}

test('no file imports itself by way of others, not even for a type', () => {
  const imports = importsOfRepository();
  expect(imports.get('cli.ts')).toContain('training/cli.ts'); // the list is that of this repository
  expect(circles(imports).map((circle) => circle.join(' → '))).toEqual([]);
});

test('circles are found: of one file, of two, of several, through types and import()', () => {
  const imports: Imports = new Map(
    Object.entries({
      'a/one.ts': "import './one.ts';",
      'a/two.ts': "import type { B } from '../b/three.ts';",
      'b/three.ts': "const { two } = await import('../a/two.ts');",
      'core/x.ts': "export {\n  type Y,\n} from '#core/y.ts';",
      'core/y.ts': "import { z } from './z.ts';\nimport { b } from '../b/three.ts';",
      'core/z.ts': "import { x } from '#core/x.ts';\nimport { join } from 'node:path';",
    }).map(([file, source]) => [file, importsOf(file, source)]),
  );
  expect(circles(imports)).toEqual([
    ['a/one.ts', 'a/one.ts'],
    ['a/two.ts', 'b/three.ts', 'a/two.ts'],
    ['core/x.ts', 'core/y.ts', 'core/z.ts', 'core/x.ts'],
  ]);
});

test('the loader of batches runs where TensorFlow is not set up', () => {
  const imports = importsOfRepository();
  const reached = new Set(['training/data/loader/batchLoader.ts', 'training/data/loader/worker.ts']);
  for (const file of reached) for (const imported of imports.get(file) ?? []) reached.add(imported);
  expect(reached).toContain('training/data/loader/addon.ts');
  expect([...reached].filter((file) => file.startsWith('training/tensorflow/'))).toEqual([]);
});
