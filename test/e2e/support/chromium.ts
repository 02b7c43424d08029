import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { installedChromium, noChromium } from '#node/chromium.ts';

/** An installed Chromium or Chrome, or Playwright's own; undefined: there is none. */
export const chromiumPath = [installedChromium, chromium.executablePath()].find((path) => path && existsSync(path));

export { noChromium };

export interface ChromiumOptions {
  /** A WAV file that the browser takes for its microphone, which it lets every page use. */
  microphone?: string;
  /** Gives it a camera, whose picture moves, and lets every page use it, or none until the context grants it. */
  camera?: 'allowed' | 'refused';
  /** Gives it WebGPU, computed by the processor. */
  webGpu?: boolean;
  /** `refused`: it lets no page keep anything, as when all cookies are blocked. */
  storage?: 'allowed' | 'refused';
  /** Whether pages may have a service worker; default they may. */
  serviceWorkers?: 'allow' | 'block';
}

/** Starts a browser that knows nothing of others' settings and asks nothing of the network. */
export async function startChromium({
  microphone,
  camera,
  webGpu,
  storage,
  serviceWorkers = 'allow',
}: ChromiumOptions = {}): Promise<{ browser: BrowserContext; stop: () => Promise<void> }> {
  const profile = mkdtempSync(join(tmpdir(), 'clapper-chromium-'));
  if (storage === 'refused') {
    mkdirSync(join(profile, 'Default'));
    const cookiesBlocked = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(cookiesBlocked));
  }
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath as string,
    headless: true,
    serviceWorkers,
    args: [
      '--no-sandbox', // Chromium has none for root, as in containers
      ...(webGpu ? [] : ['--disable-gpu']),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(microphone || camera ? ['--use-fake-device-for-media-stream'] : []),
      ...(microphone || camera === 'allowed' ? ['--use-fake-ui-for-media-stream'] : []),
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}`] : []),
      ...(webGpu ? ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'] : []),
    ],
  });
  browser.setDefaultTimeout(120_000); // a busy machine takes long; Playwright's own is 30 s
  return {
    browser,
    async stop() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
