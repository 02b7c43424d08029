// Plain JavaScript: this is what makes TypeScript run where Node does not read it (before 22.18).
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules/.cache/clapper');
/** Compilations older than this are removed; what still runs from one has loaded it by then. */
const keptMs = 30 * 24 * 3600 * 1000;
const inPlace = 'in-place';
/** Packages that are loaded where they are imported: a compilation would load them before all else, and what must be so before comes too late. */
const loadedInPlace = /^@tensorflow\/tfjs-node-gpu$/;

/** @typedef {{ output: string, inputs: Record<string, string> }} Compiled what was compiled, and the state of each file that went in */

/**
 * Where Node reads TypeScript: the module itself. Elsewhere its compilation, made again whenever a file that it imports has changed.
 * A bundle starts several times as fast as a loader that is asked for each file, and holds no second thread and no compiler.
 *
 * @param {URL} module
 * @returns {Promise<string>} the address to import
 */
export async function runnable(module) {
  if (Reflect.get(process.features, 'typescript')) return module.href;
  const name = relative(root, fileURLToPath(module)).replaceAll(/[^\w.]/g, '-');
  const known = readCompiled(join(cache, `${name}.json`));
  if (known && isCurrent(known)) return pathToFileURL(known.output).href;
  return pathToFileURL(await compile(fileURLToPath(module), name)).href;
}

/**
 * @param {string} entry
 * @param {string} name
 * @returns {Promise<string>} the file to import
 */
async function compile(entry, name) {
  const { build, stop } = await import('esbuild');
  const folder = join(cache, `${name}-${randomUUID()}`);
  const { metafile } = await build({
    entryPoints: { entry },
    absWorkingDir: root,
    bundle: true,
    splitting: true, // what is imported when it is needed stays so
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    metafile: true,
    logLevel: 'error',
    plugins: [
      { name: 'addresses', setup: (steps) => void steps.onLoad({ filter: /\.ts$/ }, keepAddress) },
      { name: 'in place', setup: loadInPlace },
    ],
  });
  await stop(); // its compiler would stay as a process
  const output = join(folder, 'entry.mjs');
  const files = Object.keys(metafile.inputs).filter((path) => !path.startsWith(`${inPlace}:`));
  const inputs = Object.fromEntries(files.map((path) => [path, stateOf(path)]));
  const partial = join(folder, 'inputs.json');
  writeFileSync(partial, JSON.stringify({ output, inputs }));
  renameSync(partial, join(cache, `${name}.json`));
  removeOld();
  return output;
}

/**
 * A module finds its files beside itself, wherever its compilation lies.
 *
 * @param {{ path: string }} file
 */
async function keepAddress({ path }) {
  const text = await readFile(path, 'utf8');
  const contents = text
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
    .replaceAll('import.meta.dirname', JSON.stringify(join(path, '..')));
  return { contents, loader: /** @type {const} */ ('ts') };
}

/** @param {import('esbuild').PluginBuild} steps */
function loadInPlace(steps) {
  steps.onResolve({ filter: loadedInPlace }, ({ path }) => ({ path, namespace: inPlace }));
  steps.onLoad({ filter: /./, namespace: inPlace }, ({ path }) => ({
    contents: `module.exports = process.getBuiltinModule('module').createRequire(${JSON.stringify(import.meta.url)})(${JSON.stringify(path)});`,
  }));
}

/** @param {Compiled} compiled */
function isCurrent({ output, inputs }) {
  try {
    return statSync(output).isFile() && Object.entries(inputs).every(([path, state]) => stateOf(path) === state);
  } catch {
    return false;
  }
}

/** @param {string} path */
function stateOf(path) {
  const { mtimeMs, size } = statSync(join(root, path));
  return `${mtimeMs} ${size}`;
}

/**
 * @param {string} file
 * @returns {Compiled | null}
 */
function readCompiled(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function removeOld() {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (!name.endsWith('.json') && Date.now() - statSync(path).mtimeMs > keptMs)
      rmSync(path, { recursive: true, force: true });
  }
}
