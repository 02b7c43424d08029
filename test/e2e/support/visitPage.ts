import type { BrowserContext } from 'playwright-core';
import { type ChromiumOptions, startChromium } from './chromium.ts';
import { servePage } from './servePage.ts';

/** What one test kept is not there for the next. */
export async function forgetKept(browser: BrowserContext, url: string): Promise<void> {
  const page = await browser.newPage();
  await page.goto(`${url}v1/models`);
  await page.evaluate(async () => Promise.all((await caches.keys()).map((name) => caches.delete(name))));
  await page.close();
}

/** Builds and serves the page as {@link servePage} does, and starts a browser for it. */
export async function visitPage(
  bundles: string | string[],
  options?: ChromiumOptions,
): Promise<{ url: string; folder: string; browser: BrowserContext; stop: () => Promise<void> }> {
  const page = await servePage(bundles);
  try {
    const chromium = await startChromium(options);
    return {
      url: page.url,
      folder: page.folder,
      browser: chromium.browser,
      async stop() {
        await chromium.stop();
        await page.stop();
      },
    };
  } catch (error) {
    await page.stop();
    throw error;
  }
}
