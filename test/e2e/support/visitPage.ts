import type { BrowserContext } from 'playwright-core';
import { type ChromiumOptions, startChromium } from './chromium.ts';
import { servePage } from './servePage.ts';

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
