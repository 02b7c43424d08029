import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { installedChromium, noChromium } from '#node/chromium.ts';

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
