import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import type { BundleManifest, ImageInput } from '#core/bundle/manifest.ts';
import type { Noise } from './noise.ts';
import type { Stages } from './stages.ts';

const assets = new URL('../../../web-demo/dist/assets/', import.meta.url);
const packaged = new URL('../../../node_modules/onnxruntime-web/dist/', import.meta.url);

/** Puts onnxruntime-web's script, and a worker that runs graphs with it and nothing else, beside the page. */
export async function offerBareRuntime(browser: BrowserContext): Promise<void> {
  await browser.route('**/bare/*', async (route) => {
    const name = basename(new URL(route.request().url()).pathname);
    const place = name === 'bareWorker.js' ? new URL(name, import.meta.url) : new URL(name, packaged);
    await route.fulfill({
      contentType: 'text/javascript',
      headers: { 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin' },
      body: await readFile(fileURLToPath(place)),
    });
  });
}

/**
 * Starts that worker in the page, with the bundle's graphs and as many threads as the page takes.
 *
 * @returns judges a pair of which first the picture is another, then the sound, each after a pause.
 */
export async function startBareRuntime(
  page: Page,
  { url, manifest }: { url: string; manifest: BundleManifest },
): Promise<{ judge(pauseMs: number): Promise<Stages> }> {
  const { width, height } = manifest.input.image as ImageInput;
  const files = Object.entries(manifest.variants.fp32.files);
  // The page's own copies: threads, which no route sees, load them too.
  const built = await readdir(assets);
  const runtimeFile = (ending: string) =>
    `${url}assets/${built.find((file) => new RegExp(`^ort-wasm-simd-threaded-[^.]*\\.${ending}$`).test(file))}`;
  await page.evaluate(
    async (opening) => {
      const worker = new Worker('/bare/bareWorker.js', { type: 'module' });
      const askBare = (question: unknown) =>
        new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(`onnxruntime-web alone does not run: ${message}`));
          worker.postMessage(question);
        });
      await askBare({ ...opening, threads: Math.min(4, navigator.hardwareConcurrency) });
      Object.assign(window, { askBare });
    },
    {
      script: '/bare/ort.wasm.min.mjs',
      runtime: { mjs: runtimeFile('mjs'), wasm: runtimeFile('wasm') },
      graphs: Object.fromEntries(files.map(([graph, { file }]) => [graph, `${url}models/${manifest.name}/${file}`])),
      imageShape: [1, height, width, 3],
    },
  );
  const judge = (side: keyof Noise, pauseMs: number) =>
    page.evaluate(
      async ([side, pauseMs]) => {
        const { noise, askBare } = window as unknown as Asked;
        const question = { [side]: noise[side]() };
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        return askBare(question);
      },
      [side, pauseMs] as const,
    );
  return {
    async judge(pauseMs) {
      const { image } = await judge('image', pauseMs);
      const { audio, match } = await judge('waveform', pauseMs);
      return { audio, image, match };
    },
  };
}

type Asked = { noise: Noise; askBare(question: unknown): Promise<Stages> };
