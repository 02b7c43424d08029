import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '#core/errors.ts';
import { lastLines, run } from './run.ts';

/** Every Node since 12.22 has this version of Node-API, so one build serves all. */
export const nodeApiVersion = 8;

/** For C++ that becomes a library. */
export const libraryFlags = ['-O2', '-std=c++17', '-shared', '-fPIC', `-DNAPI_VERSION=${nodeApiVersion}`];

/** Where Node-API's headers are. */
export function nodeApiHeaders(): string {
  return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
}

/** @returns the name of a C++ compiler that answers. @throws {InputError} where there is none. */
export async function findCompiler(): Promise<string> {
  for (const compiler of ['g++', 'c++', 'clang++']) {
    if ((await run(compiler, ['--version'])).code === 0) return compiler;
  }
  throw new InputError(
    'Expected a C++ compiler, which builds what training runs natively, but there is no g++.\n' +
      'Install it (Debian, Ubuntu: `sudo apt-get install -y g++`), then run again: npx clapper setup',
    'not_found',
  );
}

/** @param what is compiled, for the message. @throws {InputError} with the compiler's last lines. */
export async function compile(compiler: string, args: string[], what: string): Promise<void> {
  const { code, output } = await run(compiler, args);
  if (code === 0) return;
  throw new InputError(
    `Expected ${compiler} to build ${what} but it failed:\n${lastLines(output)}\n` +
      'It takes a C++17 compiler (Debian, Ubuntu: `sudo apt-get install -y g++`). Then run again: npx clapper setup',
  );
}

/** @throws {InputError} where Node cannot load an addon. */
export async function expectLoadable(addon: string, what: string): Promise<void> {
  const load = `process.dlopen({ exports: {} }, ${JSON.stringify(addon)})`;
  const { code, output } = await run(process.execPath, ['--eval', load]);
  if (code !== 0) throw new InputError(`${what} was built but Node cannot load it:\n${lastLines(output)}`);
}

/** In their order, so that a digest of them is always the same. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

/** What a compiler is given. */
export function sourcesIn(folder: string): string[] {
  return filesIn(folder).filter((file) => file.endsWith('.cc'));
}

/** Of files and flags: a change of either makes another addon. */
export function buildKey(files: string[], flags: string[]): string {
  const hash = createHash('sha256').update(flags.join());
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}
