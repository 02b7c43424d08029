import runtimeScript from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import runtimeBinary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { loadGraphs } from '#core/bundle/open.ts';
import { InputError } from '#core/errors.ts';
import { download } from '../../delivery/download.ts';
import { inTime } from '../../delivery/inTime.ts';
import { areKept } from '../../delivery/kept.ts';
import { text } from '../../text.ts';
import type { GraphRunner, StartOptions } from './backend.ts';

/** More gain nothing for models as small as these. */
const mostThreads = 4;

/** Whether the runtime comes without the network. */
export function isWasmKept(): Promise<boolean> {
  return areKept([{ url: runtimeBinary, file: RUNTIMES.wasm }]);
}

/** @param wanted several threads; where the browser refuses shared memory, as it does to pages that do not shut other origins out, it is one all the same. */
export async function startWasm({ onBytes }: StartOptions, wanted: 'one' | 'several'): Promise<GraphRunner> {
  const threads =
    wanted === 'several' && crossOriginIsolated ? Math.min(mostThreads, navigator.hardwareConcurrency) : 1;
  // Side by side: the runtime asks for its own script only when the first graph is loaded.
  const [ort, , binary] = await Promise.all([
    inTime(import('onnxruntime-web/wasm')),
    inTime(import(/* @vite-ignore */ runtimeScript)),
    download(runtimeBinary, { expected: RUNTIMES.wasm, onBytes }),
  ]);
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.wasmPaths = { mjs: runtimeScript };
  ort.env.wasm.wasmBinary = binary;
  return {
    threads,
    async load(manifest, options) {
      return loadGraphs(manifest, { ...options, runtime: ort }).catch((error: Error) => {
        throw error.message.includes('backend')
          ? new InputError(text.noWasm(error.message), 'invalid_request', { cause: error })
          : error;
      });
    },
  };
}
