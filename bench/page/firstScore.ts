import type { Page } from 'playwright-core';
import { rest, startBrowser } from './browser.ts';
import { startSlowNetwork } from './slowNetwork.ts';

/** When the page says its first score that the model itself gave, in milliseconds from navigation; all that is heard of it on the way. */
export interface FirstScore {
  ms: number;
  /** What stood beside the bar, each once. */
  said: string[];
}

async function firstScore(page: Page, url: string): Promise<FirstScore> {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const look = () => {
      const facts = document.querySelector('#facts')?.textContent ?? '';
      if (facts && said.at(-1) !== facts) said.push(facts);
      const verdict = document.querySelector<HTMLElement>('#verdict');
      const isLive = /match|strange/.test(verdict?.dataset.verdict ?? '') && !verdict?.hasAttribute('data-foretold');
      if (isLive) Object.assign(window, { firstScoreMs: performance.now() });
      else setTimeout(look, 5);
    };
    look();
  });
  await page.goto(url);
  await page.waitForFunction(() => 'firstScoreMs' in window, null, { timeout: 180_000 });
  return page.evaluate(() => {
    const { firstScoreMs, said } = window as unknown as { firstScoreMs: number; said: string[] };
    return { ms: firstScoreMs, said };
  });
}

/** On this machine: the first visit of a browser, and its second, when the runtime and the model are kept. */
export async function measureVisits(url: string, turns: number): Promise<{ coldMs: number[]; warmMs: number[] }> {
  const [coldMs, warmMs]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    const { browser, stop } = await startBrowser();
    try {
      for (const times of [coldMs, warmMs]) {
        const page = await browser.newPage();
        await rest(browser);
        times.push((await firstScore(page, url)).ms);
        await page.locator('#facts', { hasText: 'Checked' }).waitFor({ timeout: 120_000 });
        await page.evaluate(() => navigator.serviceWorker.ready);
        await page.close();
      }
    } finally {
      await stop();
    }
  }
  return { coldMs, warmMs };
}

export interface SlowVisit {
  ms: number;
  /** That came by then. */
  bytes: number;
  /** How often the bar's words told another number of MB. */
  megabytesTold: number;
}

/** The first visit over a slow line. */
export async function measureSlowVisit(url: string, bitsPerSecond: number): Promise<SlowVisit> {
  const network = await startSlowNetwork(url, bitsPerSecond);
  const { browser, stop } = await startBrowser();
  try {
    const page = await browser.newPage();
    await rest(browser);
    const { ms, said } = await firstScore(page, network.url);
    return {
      ms,
      bytes: network.sentBytes,
      megabytesTold: said.filter((words) => /\d of [\d.]+ MB/.test(words)).length,
    };
  } finally {
    await stop();
    await network.stop();
  }
}
