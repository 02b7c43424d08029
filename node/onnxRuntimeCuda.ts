import { existsSync } from 'node:fs';
import { readlink, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { explainWriteError, provideWheels } from './wheels/provide.ts';
import type { Wheel, WheelSet } from './wheels/wheel.ts';

const version = '1.30.0'; // onnxruntime-node's: a provider of another one is refused

const providers = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];
const providerFiles = /^onnxruntime\/capi\/libonnxruntime_providers_(shared|cuda)\.so$/;

function cuda(name: string, version: string, bytes: number, sha256: string): Wheel {
  return { name: `nvidia-${name}`, version, bytes, sha256, keep: /^nvidia\/(cu13|cudnn)\/lib\/.*\.so[.\d]*$/ };
}

/** The provider of the Python package, which is the same library, and the CUDA 13 that it is linked with. Any driver for CUDA 13 runs it. */
const build: WheelSet = {
  name: `onnxruntime-cuda-${version}-x86_64`,
  what: "ONNX Runtime's CUDA provider",
  machine: 'x86_64',
  wheels: [
    {
      name: 'onnxruntime-gpu',
      version,
      bytes: 246_685_715,
      sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
      keep: providerFiles,
    },
    cuda('cublas', '13.10.0.20', 444_289_903, 'dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84'),
    cuda('cuda-runtime', '13.5.37', 2_504_024, 'df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d'),
    cuda('curand', '10.4.5.25', 77_113_015, '22bb226a857e5888fe6b54ae465fc4371296bcff13a35f79e19691bcf454f529'),
    cuda('cufft', '12.5.0.14', 165_072_555, 'b8be26837a5abad2b5b74f3e92dd29f622a42934b355be0961a48712cbba23ad'),
    cuda('nvjitlink', '13.5.37', 46_642_491, '280d7cb9649704145f074b8dbde500de04ce02d0872e066e20a83c17bcaa93eb'),
    cuda('cudnn-cu13', '9.28.1.4', 516_817_937, 'a54f205b1db1f2895d99f398754db1369816f0569dd459731f925635cf7b65ec'),
  ],
  diskBytes: 4.5e9,
};

/** Of onnxruntime-node's libraries for this platform. */
export function onnxRuntimeFolder(): string {
  const package_ = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return join(package_, 'bin/napi-v6', process.platform, process.arch);
}

/** Whether it was provided before: a fresh `node_modules` is then linked again. */
export function isOnnxRuntimeCudaCached(cacheFolder: string): boolean {
  return existsSync(join(cacheFolder, build.name));
}

/** Whether ONNX Runtime finds it. */
export function isOnnxRuntimeCudaLinked(folder = onnxRuntimeFolder()): boolean {
  return providers.every((file) => existsSync(join(folder, file)));
}

/**
 * Wheels → cache → links beside ONNX Runtime. What is there already is used.
 *
 * @param options.folder of ONNX Runtime's libraries.
 */
export async function provideOnnxRuntimeCuda(options: {
  cacheFolder: string;
  output: ProgressOutput;
  folder?: string;
}): Promise<void> {
  const { cacheFolder, output, folder = onnxRuntimeFolder() } = options;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new InputError('--gpu needs Linux on x64, for which there are CUDA builds. Leave it out.');
  }
  try {
    const cached = await provideWheels(build, { cacheFolder, output });
    for (const file of providers) await link(join(cached, 'onnxruntime/capi', file), join(folder, file));
  } catch (error) {
    throw explainWriteError(error as NodeJS.ErrnoException, { what: build.what, cacheFolder });
  }
  output.write(`ONNX Runtime ${version} with CUDA is set up.\n`);
}

async function link(target: string, place: string): Promise<void> {
  const there = await readlink(place).catch(() => null);
  if (there === target) return;
  await rm(place, { force: true });
  await symlink(target, place);
}

/** The environment of a process that is to run on CUDA: this one's, and where the loader finds the libraries. */
export function cudaEnvironment(cacheFolder: string): NodeJS.ProcessEnv {
  const folders = ['cu13', 'cudnn'].map((name) => join(cacheFolder, build.name, 'nvidia', name, 'lib'));
  const path = [...folders, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  // TF32 rounds products to 10 bits: scores would not be those of other runtimes, and the golden check would say so.
  return { NVIDIA_TF32_OVERRIDE: '0', ...process.env, LD_LIBRARY_PATH: path };
}
