import runtimeScript from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import runtimeBinary from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import * as ort from 'onnxruntime-web/webgpu';
import { loadGraphs } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { download } from '../../delivery/download.ts';
import { text } from '../../text.ts';
import type { GraphRunner, StartOptions } from './backend.ts';

/** The part of WebGPU's types that is used here. */
interface Gpu {
  requestAdapter(): Promise<unknown>;
}

/** @throws {InputError} where there is no WebGPU. */
export async function startWebGpu({ onBytes, onLost }: StartOptions): Promise<GraphRunner> {
  const { gpu } = navigator as Navigator & { gpu?: Gpu };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (!adapter) throw new InputError(text.noWebGpu);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { mjs: runtimeScript };
  ort.env.wasm.wasmBinary = await download(runtimeBinary, { expected: RUNTIMES.webgpu, onBytes });
  return {
    threads: null,
    async load(manifest, options) {
      const graphs = await loadGraphs(manifest, {
        ...options,
        runtime: ort,
        sessionOptions: () => ({ executionProviders: ['webgpu'] }),
      });
      const device = (await ort.env.webgpu.device) as { lost: Promise<{ reason: string; message: string }> };
      device.lost.then(({ message }) => onLost(new InputError(text.lostWebGpu(message))));
      return graphs;
    },
  };
}
