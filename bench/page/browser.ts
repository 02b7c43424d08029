import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { installedChromium, noChromium } from '#node/chromium.ts';

/** Below so much processor time in a look, and so many looks on end, a browser is at rest. */
const [restSeconds, lookMs, looks] = [0.02, 300, 3];

/** Its own pages and parts start for some seconds, on the same processors: no visitor has just installed their browser. */
export async function rest(browser: BrowserContext): Promise<void> {
  const session = await browser.browser()?.newBrowserCDPSession();
  if (!session) throw new Error('Expected a browser that says what its processes take, as Chromium does.');
  const taken = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  for (let [still, before] = [0, await taken()]; still < looks; ) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
    const now = await taken();
    still = now - before < restSeconds ? still + 1 : 0;
    before = now;
  }
  await session.detach();
}

/** A browser that has never been anywhere. @param serviceWorkers whether pages may have one. */
export async function startBrowser(
  serviceWorkers: 'allow' | 'block' = 'allow',
): Promise<{ browser: BrowserContext; stop: () => Promise<void> }> {
  if (!installedChromium) throw new Error(noChromium);
  const profile = mkdtempSync(join(tmpdir(), 'clapper-bench-page-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: installedChromium,
    serviceWorkers,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  return {
    browser,
    async stop() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
