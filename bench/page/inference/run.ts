import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { type AudioInput, type ImageInput, parseManifest } from '#core/bundle/manifest.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { Random } from '#core/random.ts';
import { startBrowser } from '../browser.ts';
import { type AtOnce, judgeAtOnce } from './atOnce.ts';
import { offerBareRuntime, startBareRuntime } from './bareRuntime.ts';
import { measureNative, type Native } from './native.ts';
import { offerNoise } from './noise.ts';
import { type Choice, medians, type Stages, sum } from './stages.ts';
import { watchPage } from './watchPage.ts';

export interface InferenceReport {
  /** Of each turn, a pair of which each side was seen or heard once. */
  page: Stages[];
  bare: Stages[];
  /** Pairs without pauses, asked of the page's worker and of onnxruntime-web alone. */
  atOnce: { page: AtOnce; bare: AtOnce };
  /** The page's medians of each stage, added up, divided by those of onnxruntime-web alone; `pauseAgainstNone`: after pauses by without. */
  ratio: { afterPause: number; atOnce: number; pauseAgainstNone: number };
  /** What a pause costs where there is no browser. */
  native: Native;
  /** From a file's choice to its score. */
  choices: { picture: Choice[]; sound: Choice[] };
  /** Longest task of the page's thread above 50 ms in each turn; 0: none. */
  longTaskMs: number[];
}

/** A visitor's hand is slower: the runtime's threads sleep between two questions. */
const pauseMs = 500;

/** Of each, in a turn; the first is not counted. */
const pairsAtOnce = 6;

/**
 * The page beside onnxruntime-web alone in a worker of the same page, in alternating turns: the same graphs, as many threads, the same options.
 * In each turn a picture is chosen, then a sound, a pause before each; the page's time is what its worker takes to encode the new side and to
 * compare, while the page decodes, draws and writes as it always does. The bare runtime is handed noise of the same sizes after the same pauses,
 * and the page does nothing meanwhile. Then both are asked for pairs without pauses: no visitor's rhythm, but the machine's memory is near.
 */
export async function measureInference(
  url: string,
  { bundle, turns, folder }: { bundle: string; turns: number; folder: string },
): Promise<InferenceReport> {
  const manifest = parseManifest(await readFile(join(bundle, 'manifest.json'), 'utf8'), bundle);
  const inputs = manifest.input as { audio: AudioInput; image: ImageInput };
  const files = createNoise(folder, inputs);
  const { browser, stop } = await startBrowser('block');
  try {
    await offerBareRuntime(browser);
    const page = await browser.newPage();
    const watched = await watchPage(page);
    await page.goto(url);
    await page.locator('#facts', { hasText: 'Checked' }).waitFor({ timeout: 120_000 });
    await offerNoise(page, inputs);
    const bareRuntime = await startBareRuntime(page, { url, manifest });

    const report: Omit<InferenceReport, 'ratio' | 'native' | 'atOnce'> = {
      page: [],
      bare: [],
      choices: { picture: [], sound: [] },
      longTaskMs: [],
    };
    const none = (): AtOnce => ({ stages: [], wholeMs: [] });
    const atOnce = { page: none(), bare: none() };
    const turnOf = {
      async page() {
        const [picture, sound] = [await files.picture(), await files.sound()];
        await page.waitForTimeout(pauseMs);
        const seen = await watched.choose('#picture-file', picture);
        await page.waitForTimeout(pauseMs);
        const heard = await watched.choose('#sound-file', sound);
        report.page.push({ audio: heard.stages.audio, image: seen.stages.image, match: heard.stages.match });
        report.choices.picture.push(seen.choice);
        report.choices.sound.push(heard.choice);
        report.longTaskMs.push(Math.max(seen.longTaskMs, heard.longTaskMs));
      },
      async bare() {
        report.bare.push(await bareRuntime.judge(pauseMs));
      },
    };
    for (let turn = 0; turn <= turns; turn++) {
      for (const side of turn % 2 ? (['page', 'bare'] as const) : (['bare', 'page'] as const)) {
        await turnOf[side]();
        const { stages, wholeMs } = await judgeAtOnce(page, side, pairsAtOnce);
        if (turn === 0) continue;
        atOnce[side].stages.push(...stages);
        atOnce[side].wholeMs.push(...wholeMs);
      }
    }
    const { choices, longTaskMs, ...stages } = report;
    // The first turn makes the runtimes' buffers.
    for (const list of [...Object.values(stages), ...Object.values(choices), longTaskMs]) list.shift();
    const whole = (list: Stages[]) => sum(medians(list));
    const bareAtOnce = whole(atOnce.bare.stages);
    return {
      ...report,
      atOnce,
      ratio: {
        afterPause: whole(report.page) / whole(report.bare),
        atOnce: whole(atOnce.page.stages) / bareAtOnce,
        pauseAgainstNone: whole(report.page) / bareAtOnce,
      },
      native: await measureNative(bundle, { turns, pauseMs }),
    };
  } finally {
    await stop();
  }
}

/** Files that no visitor has chosen before, of the model's own size. */
function createNoise(folder: string, { audio, image }: { audio: AudioInput; image: ImageInput }) {
  const random = new Random(1);
  return {
    async sound(): Promise<string> {
      const file = join(folder, 'sound.wav');
      const waveform = Float32Array.from({ length: audio.samples }, () => random.uniform() - 0.5);
      await writeFile(file, encodeWav(waveform, audio.sampleRate));
      return file;
    },
    async picture(): Promise<string> {
      const { width, height } = image;
      const file = join(folder, 'picture.png');
      const pixels = Uint8Array.from({ length: 3 * width * height }, () => Math.floor(256 * random.uniform()));
      await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(file);
      return file;
    },
  };
}
