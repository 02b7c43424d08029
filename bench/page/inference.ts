import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import sharp from 'sharp';
import { type AudioInput, type ImageInput, parseManifest } from '#core/bundle/manifest.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { Random } from '#core/random.ts';
import { median } from '../median.ts';
import { startBrowser } from './browser.ts';

export interface InferenceReport {
  /** Of one pair: hearing, seeing and comparing. */
  pageMs: number[];
  bareMs: number[];
  ratio: number;
  /** Longest task of the page's thread above 50 ms in each turn; 0: none. */
  longTaskMs: number[];
}

/** One pair after another, judged by the page, then by onnxruntime-web alone in a worker of the same page: the same graphs, as many threads. */
export async function measureInference(
  url: string,
  { bundle, turns, folder }: { bundle: string; turns: number; folder: string },
): Promise<InferenceReport> {
  const manifest = parseManifest(await readFile(join(bundle, 'manifest.json'), 'utf8'), bundle);
  const { sampleRate, samples } = manifest.input.audio as AudioInput;
  const { width, height } = manifest.input.image as ImageInput;
  const random = new Random(1);
  const { browser, stop } = await startBrowser('block');
  try {
    await offerBareRuntime(browser);
    const page = await browser.newPage();
    await page.goto(url);
    await page.locator('#facts', { hasText: 'Checked' }).waitFor({ timeout: 120_000 });
    const stages = page.locator('#stages');
    await page.evaluate(
      ({ name, files, image, runtime }) => {
        const longTasks: number[] = [];
        new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe(
          {
            entryTypes: ['longtask'],
          },
        );
        const worker = new Worker('/bare/worker.js', { type: 'module' });
        worker.postMessage({ name, files, image, runtime, threads: Math.min(4, navigator.hardwareConcurrency) });
        const answer = () =>
          new Promise((resolve, reject) => {
            worker.onmessage = ({ data }) => resolve(data);
            worker.onerror = ({ message }) => reject(new Error(`onnxruntime-web alone does not run: ${message}`));
          });
        Object.assign(window, {
          longTasks,
          bareReady: answer(),
          runBare: (length: number) => {
            const answered = answer();
            worker.postMessage({ length });
            return answered;
          },
        });
      },
      {
        name: manifest.name,
        files: Object.fromEntries(
          Object.entries(manifest.variants.fp32.files).map(([graph, { file }]) => [graph, file]),
        ),
        image: [1, height, width, 3],
        runtime: await runtimeOf(url),
      },
    );
    await page.evaluate(() => (window as unknown as { bareReady: Promise<void> }).bareReady);

    const [pageMs, bareMs, longTaskMs]: [number[], number[], number[]] = [[], [], []];
    for (let turn = 0; turn <= turns; turn++) {
      const sound = join(folder, 'sound.wav');
      const picture = join(folder, 'picture.png');
      await writeFile(
        sound,
        encodeWav(
          Float32Array.from({ length: samples }, () => random.uniform() - 0.5),
          sampleRate,
        ),
      );
      const raw = Uint8Array.from({ length: 3 * width * height }, () => Math.floor(256 * random.uniform()));
      await sharp(raw, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(picture);
      await page.evaluate(() => {
        (window as unknown as { longTasks: number[] }).longTasks.length = 0;
        const said = document.querySelector('#stages');
        if (said) said.textContent = '';
      });
      await page.setInputFiles('#picture-file', picture);
      await page.setInputFiles('#sound-file', sound);
      await stages.filter({ hasText: 'Judged' }).waitFor({ timeout: 60_000 });
      await page.waitForTimeout(500); // the second of the two changes has been judged too
      const [, heard, seen, compared] =
        /hearing ([\d.]+) ms, seeing ([\d.]+) ms, comparing ([\d.]+) ms/.exec((await stages.textContent()) ?? '') ?? [];
      const tasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
      const alone = await page.evaluate(
        (length) => (window as unknown as { runBare(length: number): Promise<number> }).runBare(length),
        samples,
      );
      if (turn === 0) continue; // the first makes the runtimes' buffers
      pageMs.push(Number(heard) + Number(seen) + Number(compared));
      bareMs.push(alone);
      longTaskMs.push(Math.max(0, ...tasks));
    }
    return { pageMs, bareMs, ratio: median(pageMs) / median(bareMs), longTaskMs };
  } finally {
    await stop();
  }
}

const bareWorker = `
import * as ort from '/bare/ort.wasm.min.mjs';
let sessions, shape;
onmessage = async ({ data }) => {
  if (data.files) {
    ort.env.wasm.numThreads = data.threads;
    ort.env.wasm.wasmPaths = data.runtime;
    shape = data.image;
    const load = async (graph) =>
      ort.InferenceSession.create(new Uint8Array(await (await fetch('/models/' + data.name + '/' + data.files[graph])).arrayBuffer()));
    sessions = { audio: await load('audio'), image: await load('image'), match: await load('match') };
    return postMessage('ready');
  }
  const waveform = Float32Array.from({ length: data.length }, () => Math.random() - 0.5);
  const pixels = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, () => 256 * Math.random());
  const start = performance.now();
  const heard = await sessions.audio.run({ waveform: new ort.Tensor('float32', waveform, [1, data.length]) });
  const seen = await sessions.image.run({ image: new ort.Tensor('uint8', pixels, shape) });
  const inputs = { ...heard, ...seen };
  await sessions.match.run(Object.fromEntries(sessions.match.inputNames.map((name) => [name, inputs[name]])));
  postMessage(performance.now() - start);
};
`;

/** The page's own copies of ONNX Runtime's script and binary: threads, which no route sees, load them too. */
async function runtimeOf(url: string): Promise<{ mjs: string; wasm: string }> {
  const assets = await readdir(new URL('../../web-demo/dist/assets', import.meta.url));
  const find = (ending: string) =>
    assets.find((file) => new RegExp(`^ort-wasm-simd-threaded-[^.]*\\.${ending}$`).test(file));
  return { mjs: `${url}assets/${find('mjs')}`, wasm: `${url}assets/${find('wasm')}` };
}

/** Puts onnxruntime-web's script, and a worker that runs them, beside the page. */
async function offerBareRuntime(browser: BrowserContext): Promise<void> {
  await browser.route('**/bare/*', async (route) => {
    const name = basename(new URL(route.request().url()).pathname);
    const headers = { 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Resource-Policy': 'same-origin' };
    if (name === 'worker.js') return route.fulfill({ contentType: 'text/javascript', headers, body: bareWorker });
    const file = fileURLToPath(new URL(`../../node_modules/onnxruntime-web/dist/${name}`, import.meta.url));
    const contentType = name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
    await route.fulfill({ contentType, headers, body: await readFile(file) });
  });
}
