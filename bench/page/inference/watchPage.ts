import type { Page } from 'playwright-core';
import type { Choice, Stages } from './stages.ts';

/** What the page's engine says of one judgement, and when all of it was. */
export interface Judged {
  stages: Stages;
  choice: Choice;
  /** Longest task of the page's thread above 50 ms; 0: none. */
  longTaskMs: number;
}

interface Seen {
  chosenMs: number;
  askedMs: number;
  /** 0: not yet. */
  shownMs: number;
  stages: Stages | null;
  longTaskMs: number;
}

/** What the page sends its worker (`web-demo/engine/messages.ts`). */
type Asked = { id: number; method?: string; base?: string };

type Watched = Window & { seen: Seen };

/** Listens to what the page asks its own worker, and to what that answers. Before the page is opened. */
export async function watchPage(page: Page): Promise<{ choose(input: string, file: string): Promise<Judged> }> {
  await page.addInitScript(() => {
    const seen: Seen = { chosenMs: 0, askedMs: 0, shownMs: 0, stages: null, longTaskMs: 0 };
    Object.assign(window, { seen });
    document.addEventListener('change', () => (seen.chosenMs = performance.now()), { capture: true });
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message: Asked, ...rest: unknown[]) {
      if (message.base) Object.assign(window, { pageWorker: this });
      if (message.method === 'match' && typeof message.id === 'number') {
        seen.askedMs = performance.now();
        const listen = ({ data }: MessageEvent) => {
          if (data.id !== message.id) return;
          this.removeEventListener('message', listen);
          seen.stages = data.result?.milliseconds ?? null;
        };
        this.addEventListener('message', listen);
      }
      postMessage.apply(this, [message, ...rest] as [Asked]);
    };
    new MutationObserver((changes) => {
      if (changes.some(({ target }) => (target as Element).id === 'stages')) seen.shownMs = performance.now();
    }).observe(document, { childList: true, subtree: true });
    new PerformanceObserver((list) => {
      seen.longTaskMs = Math.max(seen.longTaskMs, ...list.getEntries().map(({ duration }) => duration));
    }).observe({ entryTypes: ['longtask'] });
  });
  return {
    async choose(input, file) {
      await page.evaluate(() =>
        Object.assign((window as unknown as Watched).seen, { shownMs: 0, stages: null, longTaskMs: 0 }),
      );
      await page.setInputFiles(input, file);
      await page.waitForFunction(() => (window as unknown as Watched).seen.shownMs > 0, null, { polling: 100 });
      const seen = await page.evaluate(() => (window as unknown as Watched).seen);
      return {
        stages: seen.stages as Stages,
        choice: {
          reading: seen.askedMs - seen.chosenMs,
          judging: seen.shownMs - seen.askedMs,
        },
        longTaskMs: seen.longTaskMs,
      };
    },
  };
}
