import type { Page } from 'playwright-core';
import type { Noise } from './noise.ts';
import type { Stages } from './stages.ts';

/** Of pairs that are judged one at once after another. */
export interface AtOnce {
  /** What the worker takes for each. */
  stages: Stages[];
  /** From the question on the page's thread to its answer there, milliseconds. */
  wholeMs: number[];
}

/**
 * Asks for pairs, each new on both sides, the next as soon as one is answered.
 *
 * @param who the page's own worker, by the messages that the page sends it (`web-demo/engine/messages.ts`), or onnxruntime-web alone.
 */
export function judgeAtOnce(page: Page, who: 'page' | 'bare', pairs: number): Promise<AtOnce> {
  return page.evaluate(
    async ([who, pairs]) => {
      const { noise, askBare, pageWorker } = window as unknown as Asked;
      const askPage = (question: Question) =>
        new Promise<Stages>((resolve, reject) => {
          const id = `bench ${Math.random()}`;
          const listen = ({ data }: MessageEvent) => {
            if (data.id !== id) return;
            pageWorker.removeEventListener('message', listen);
            if (data.error) reject(new Error(data.error));
            else resolve(data.result.milliseconds);
          };
          pageWorker.addEventListener('message', listen);
          const { waveform, image } = question;
          pageWorker.postMessage({
            id,
            method: 'match',
            args: [
              { id, waveform },
              { id, image },
            ],
          });
        });
      const ask = who === 'page' ? askPage : askBare;
      const questions = Array.from({ length: pairs }, () => ({ waveform: noise.waveform(), image: noise.image() }));
      const [stages, wholeMs]: [Stages[], number[]] = [[], []];
      for (const question of questions) {
        const startMs = performance.now();
        stages.push(await ask(question));
        wholeMs.push(performance.now() - startMs);
      }
      // The first comes after a pause.
      return { stages: stages.slice(1), wholeMs: wholeMs.slice(1) };
    },
    [who, pairs] as const,
  );
}

type Question = { waveform: Float32Array; image: Uint8Array };
type Asked = { noise: Noise; askBare(question: Question): Promise<Stages>; pageWorker: Worker };
