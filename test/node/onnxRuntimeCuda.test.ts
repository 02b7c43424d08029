import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  cudaEnvironment,
  isOnnxRuntimeCudaCached,
  isOnnxRuntimeCudaLinked,
  provideOnnxRuntimeCuda,
} from '#node/onnxRuntimeCuda.ts';

const left: string[] = [];
afterEach(async () => {
  for (const folder of left.splice(0)) await rm(folder, { recursive: true });
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clapper-cuda-'));
  left.push(folder);
  return folder;
}

const packageVersion = async () =>
  JSON.parse(await readFile('node_modules/onnxruntime-node/package.json', 'utf8')).version as string;

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'what is in the cache is linked beside ONNX Runtime, again where node_modules are new, and nothing is downloaded',
  async () => {
    const [cacheFolder, folder] = [await temporary(), await temporary()];
    expect(isOnnxRuntimeCudaCached(cacheFolder)).toBe(false);
    // Of the same version as the package: ONNX Runtime refuses a provider of another one.
    const cached = join(cacheFolder, `onnxruntime-cuda-${await packageVersion()}-x86_64`, 'onnxruntime/capi');
    await mkdir(cached, { recursive: true });
    for (const name of ['shared', 'cuda']) await writeFile(join(cached, `libonnxruntime_providers_${name}.so`), name);
    let said = '';
    const write = (text: string) => {
      said += text;
    };
    const output = { isTTY: false, write };

    await writeFile(join(folder, 'libonnxruntime_providers_cuda.so'), 'of an earlier version');
    for (let i = 0; i < 2; i++) await provideOnnxRuntimeCuda({ cacheFolder, output: output as never, folder });
    expect(isOnnxRuntimeCudaLinked(folder)).toBe(true);
    expect(await realpath(join(folder, 'libonnxruntime_providers_cuda.so'))).toBe(
      await realpath(join(cached, 'libonnxruntime_providers_cuda.so')),
    );
    expect(said).toMatch(/^(ONNX Runtime \S+ with CUDA is set up\.\n){2}$/);
    expect(cudaEnvironment(cacheFolder).LD_LIBRARY_PATH).toContain(cacheFolder);
    expect(existsSync(join(folder, 'libonnxruntime_providers_shared.so'))).toBe(true);
  },
);
