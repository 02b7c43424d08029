import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { compress } from './build/compress.ts';
import { contentSecurity } from './build/contentSecurity.ts';

const here = import.meta.dirname;
const runtimeBytes = (file: string) => statSync(fileURLToPath(import.meta.resolve(`onnxruntime-web/${file}`))).size;
const server = 'http://127.0.0.1:3000';

/** Builds the page into `web-demo/dist`; `vite --config web-demo/vite.config.ts` shows it while one works on it, beside `npm start`. */
export default defineConfig({
  root: here,
  base: './', // works under any path
  plugins: [contentSecurity(), compress({ models: join(here, '../models') })],
  define: {
    RUNTIME_BYTES: {
      wasm: runtimeBytes('ort-wasm-simd-threaded.wasm'),
      webgpu: runtimeBytes('ort-wasm-simd-threaded.asyncify.wasm'),
    },
  },
  // ONNX Runtime's threads load its script alone, not the whole worker.
  resolve: { conditions: [...defaultClientConditions, 'onnxruntime-web-use-extern-wasm'] },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { checks: { pluginTimings: false } }, // reports of what took long: no one can act on them
  },
  server: {
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    proxy: { '/v1': server, '/v2': server, '/models': server, '/docs': server },
  },
});
