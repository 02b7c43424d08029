import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { compress } from './build/compress.ts';
import { contentSecurity } from './build/contentSecurity.ts';
import { foretold } from './build/foretold.ts';
import { installable } from './build/installable.ts';
import { serviceWorker } from './build/serviceWorker.ts';
import { staticModels } from './build/staticModels.ts';

const here = import.meta.dirname;
const models = join(here, '../models');
const server = 'http://127.0.0.1:3000';

/**
 * Builds the page into `web-demo/dist`; with `--mode static` a folder for hosts that only send files, the published models with it.
 * `vite --config web-demo/vite.config.ts` shows the page while one works on it, beside `npm start`.
 */
export default defineConfig({
  root: here,
  base: './', // works under any path
  plugins: [
    contentSecurity(),
    foretold(models),
    installable(),
    serviceWorker(),
    compress(models),
    staticModels(models),
  ],
  define: {
    RUNTIMES: { wasm: runtime('ort-wasm-simd-threaded.wasm'), webgpu: runtime('ort-wasm-simd-threaded.asyncify.wasm') },
  },
  // ONNX Runtime's threads load its script alone, not the whole worker.
  resolve: { conditions: [...defaultClientConditions, 'onnxruntime-web-use-extern-wasm'] },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      checks: { pluginTimings: false }, // reports of what took long: no one can act on them
      // What the panels share is one file, not eleven: a browser asks for six at a time.
      output: { codeSplitting: { groups: [{ name: 'shared', test: /web-demo\/.*\.ts$/, minShareCount: 2 }] } },
    },
  },
  server: {
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    proxy: { '/v1': server, '/v2': server, '/models': server, '/docs': server },
  },
});

function runtime(file: string): { file: string; sha256: string; bytes: number } {
  const content = readFileSync(fileURLToPath(import.meta.resolve(`onnxruntime-web/${file}`)));
  return { file, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
