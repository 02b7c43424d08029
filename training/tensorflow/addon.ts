import { mkdir, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildKey,
  compile,
  expectLoadable,
  filesIn,
  libraryFlags,
  nodeApiHeaders,
  nodeApiVersion,
  sourcesIn,
} from '#node/nativeAddon.ts';
import { addonPath } from './addonPath.ts';

const entrySource = fileURLToPath(new URL('../../native/tfjsAddon.cc', import.meta.url));
const operatorsFolder = fileURLToPath(new URL('../../native/operators', import.meta.url));

const link = ['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../tensorflow'];
/** `tfjsAddon.cc` asks the processor for what haswell names before it loads the operators. */
const operatorFlags = ['-O3', '-fno-math-errno', '-pthread', ...(process.arch === 'x64' ? ['-march=haswell'] : [])];

/** A change of a source or a flag makes another addon. */
export function addonKey(packageFolder: string): string {
  const files = [...filesIn(join(packageFolder, 'binding')), ...filesIn(operatorsFolder), entrySource];
  return `tfjs-napi${nodeApiVersion}-${buildKey(files, [...libraryFlags, ...link, ...operatorFlags])}`;
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
 * Builds tfjs' addon against the current TensorFlow (it uses the stable C API only), and our operators, and sees that Node can load
 * them.
 */
export async function buildAddon({ compiler, packageFolder, libraries, folder }: BuildOptions): Promise<void> {
  const tensorflow = join(libraries, 'tensorflow');
  const includes = [nodeApiHeaders(), join(tensorflow, 'include'), dirname(packageFolder)];
  const common = [...libraryFlags, ...includes.flatMap((include) => ['-I', include])];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(packageFolder, 'binding', name));
  const operators = [...libraryFlags, ...operatorFlags, ...sourcesIn(operatorsFolder)];
  const withTensorFlow = ['-L', tensorflow, ...link];
  const addon = join(folder, 'tfjs_binding.node');
  const builds = [
    [...common, ...sources, ...withTensorFlow, '-o', join(folder, 'tfjs.so')],
    [...operators, ...withTensorFlow, '-o', join(folder, 'operators.so')],
    [...common, entrySource, '-ldl', '-o', addon],
  ];
  await Promise.all(builds.map((args) => compile(compiler, args, "tfjs' addon")));
  await expectLoadable(addon, "TensorFlow's addon");
}

/** Puts the addon where tfjs looks for it, in one step. */
export async function linkAddon(packageFolder: string, addonFolder: string): Promise<void> {
  const link = addonPath(packageFolder);
  await mkdir(dirname(link), { recursive: true });
  const temporary = `${link}.${process.pid}`;
  await symlink(join(addonFolder, 'tfjs_binding.node'), temporary);
  await rename(temporary, link);
}
