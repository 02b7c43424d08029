import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '#core/errors.ts';
import { addonPath, nodeApiVersion } from './addonPath.ts';
import { lastLines, run } from './run.ts';

const loaderSource = fileURLToPath(new URL('./addon.cc', import.meta.url));
const operatorsFolder = fileURLToPath(new URL('./operators', import.meta.url));
const loaderFolder = fileURLToPath(new URL('../data/loader/native', import.meta.url));

/** @returns the name of a C++ compiler that answers. @throws {InputError} where there is none. */
export async function findCompiler(): Promise<string> {
  for (const compiler of ['g++', 'c++', 'clang++']) {
    if ((await run(compiler, ['--version'])).code === 0) return compiler;
  }
  throw new InputError(
    'Expected a C++ compiler, which builds the addon between Node and TensorFlow, but there is no g++.\n' +
      'Install it (Debian, Ubuntu: `sudo apt-get install -y g++`), then run again: npx clapper setup',
    'not_found',
  );
}

const flags = ['-O2', '-std=c++17', '-shared', '-fPIC', `-DNAPI_VERSION=${nodeApiVersion}`];
const link = ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../tensorflow'];
/** `addon.cc` asks the processor for what haswell names before it loads the operators. */
const operatorFlags = ['-O3', '-fno-math-errno', '-pthread', ...(process.arch === 'x64' ? ['-march=haswell'] : [])];
const loaderFlags = ['-O3', '-fno-math-errno'];

/** A change of a source or a flag makes another addon. */
export async function addonKey(packageFolder: string): Promise<string> {
  const binding = join(packageFolder, 'binding');
  const files = [
    ...(await filesIn(binding)),
    ...(await filesIn(operatorsFolder)),
    ...(await filesIn(loaderFolder)),
    loaderSource,
  ];
  const hash = createHash('sha256').update([...flags, ...link, ...operatorFlags, ...loaderFlags].join());
  for (const file of files) hash.update(await readFile(file));
  return `tfjs-napi${nodeApiVersion}-${hash.digest('hex').slice(0, 12)}`;
}

export interface BuildOptions {
  compiler: string;
  packageFolder: string;
  /** Where the wheels are unpacked: `tensorflow/`, for CUDA `nvidia/` beside it. */
  libraries: string;
  /** A folder inside `libraries`: the addon finds TensorFlow from there. */
  folder: string;
}

/**
 * Builds tfjs' addon against the current TensorFlow (it uses the stable C API only), our operators and the loader's native
 * part, and sees that Node can load them.
 */
export async function buildAddon({ compiler, packageFolder, libraries, folder }: BuildOptions): Promise<void> {
  const nodeApi = dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json'));
  const tensorflow = join(libraries, 'tensorflow');
  const includes = [join(nodeApi, 'include'), join(tensorflow, 'include'), dirname(packageFolder)];
  const common = [...flags, ...includes.flatMap((include) => ['-I', include])];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(packageFolder, 'binding', name));
  const addon = join(folder, 'tfjs_binding.node');
  const operators = join(folder, 'operators.so');
  const loader = join(folder, 'loader.node');
  const withTensorFlow = ['-L', tensorflow, ...link];
  await Promise.all([
    compile(compiler, [...common, ...sources, ...withTensorFlow, '-o', join(folder, 'tfjs.so')]),
    compile(compiler, [
      ...flags,
      ...operatorFlags,
      ...(await sourcesIn(operatorsFolder)),
      ...withTensorFlow,
      '-o',
      operators,
    ]),
    compile(compiler, [...common, ...loaderFlags, ...(await sourcesIn(loaderFolder)), '-o', loader]),
    compile(compiler, [...common, loaderSource, '-ldl', '-o', addon]),
  ]);
  const load = [addon, loader].map((file) => `process.dlopen({ exports: {} }, ${JSON.stringify(file)})`).join();
  const { code, output } = await run(process.execPath, ['--eval', load]);
  if (code !== 0) throw new InputError(`TensorFlow's addon was built but Node cannot load it:\n${lastLines(output)}`);
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

async function sourcesIn(folder: string): Promise<string[]> {
  return (await filesIn(folder)).filter((file) => file.endsWith('.cc'));
}

async function compile(compiler: string, args: string[]): Promise<void> {
  const { code, output } = await run(compiler, args);
  if (code === 0) return;
  throw new InputError(
    `Expected ${compiler} to build tfjs' addon but it failed:\n${lastLines(output)}\n` +
      'It takes a C++17 compiler (Debian, Ubuntu: `sudo apt-get install -y g++`). Then run again: npx clapper setup',
  );
}

/** Puts the addon where tfjs looks for it, in one step. */
export async function linkAddon(packageFolder: string, addonFolder: string): Promise<void> {
  const link = addonPath(packageFolder);
  await mkdir(dirname(link), { recursive: true });
  const temporary = `${link}.${process.pid}`;
  await symlink(join(addonFolder, 'tfjs_binding.node'), temporary);
  await rename(temporary, link);
}
