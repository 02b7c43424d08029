import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, noChromium } from './support/chromium.ts';
import { visitPage } from './support/visitPage.ts';

if (!chromiumPath) console.warn(`${noChromium}. The tests of the page's accessibility are skipped.`);

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe.skipIf(!chromiumPath)("the page's accessibility", { timeout: 300_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let browser: BrowserContext;

  beforeAll(async () => {
    const visit = await visitPage(['models/nature', 'models/digits']);
    stops.push(visit.stop);
    ({ url, browser } = visit);
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const looks = {
    light: { colorScheme: 'light' },
    dark: { colorScheme: 'dark' },
    'forced colours': { colorScheme: 'dark', forcedColors: 'active' },
  } as const;

  test.each(['nature', 'digits'])(
    'axe finds nothing in any panel of %s, in light, dark and forced colours',
    async (model) => {
      const page = await browser.newPage();
      await page.goto(`${url}?model=${model}`);
      await page.locator('#facts', { hasText: 'Checked' }).waitFor({ timeout: 120_000 });
      await page.evaluate(await readFile(axe, 'utf8')); // the page's policy lets no other script in
      const found: string[] = [];
      for (const tab of await page.locator('#tabs a').all()) {
        await tab.click();
        const panel = await tab.textContent();
        if (panel === 'Matrix') await page.locator('.cell').first().waitFor({ timeout: 120_000 });
        if (panel === 'Model card') await page.locator('#card h1').waitFor();
        if (panel === 'What mattered') {
          await page.click('#explain-start');
          await page.locator('#explain-sound').waitFor({ timeout: 120_000 });
        }
        if (panel === 'Game') {
          await page.click('#game-next');
          await page.locator('#game-pictures button').first().click();
          await page.locator('#game-next').waitFor();
        }
        if (panel === 'Under the hood') {
          await page.click('#copy-curl');
          await page.click('#compare');
          await page.locator('#comparison [data-backend=server]').waitFor({ timeout: 120_000 });
        }
        if (panel === 'Video') {
          await page.setInputFiles('#video-file', 'package.json'); // what is said of no video
          await page.locator('#video-error').waitFor({ timeout: 120_000 });
        }
        if (panel === 'Match') await page.locator('#credits summary').click();
        for (const [look, media] of Object.entries(looks)) {
          await page.emulateMedia(media);
          const violations = await page.evaluate(async () => {
            const { axe } = window as unknown as {
              axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
            };
            const { violations } = await axe.run();
            return violations.map(
              ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
            );
          });
          found.push(...violations.map((violation) => `${panel}, ${look}: ${violation}`));
        }
        await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
      }
      expect(found).toEqual([]);
      await page.close();
    },
  );

  test('no panel is wider than a small phone, nor than a screen with text of twice the size', async () => {
    const page = await browser.newPage();
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(url);
    await page.locator('#facts', { hasText: 'Checked' }).waitFor({ timeout: 120_000 });
    const cutOff: string[] = [];
    const look = async (size: string) => {
      for (const tab of await page.locator('#tabs a').all()) {
        await tab.click();
        const panel = await tab.textContent();
        if (panel === 'Matrix') await page.locator('.cell').first().waitFor();
        if (panel === 'Model card') await page.locator('#card h1').waitFor();
        const wider = await page.evaluate(() => {
          const { scrollWidth, clientWidth } = document.documentElement;
          // What scrolls within itself is not cut off.
          const labels = [...document.querySelectorAll<HTMLElement>('#panels button, #panels .button')];
          const cut = labels.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1);
          return [scrollWidth > clientWidth && 'the page', ...cut.map(({ textContent }) => textContent)].filter(
            Boolean,
          );
        });
        cutOff.push(...wider.map((what) => `${panel}, ${size}: ${what}`));
      }
    };
    await look('320 px');
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '32px';
    });
    await look('200 %');
    expect(cutOff).toEqual([]);
    await page.close();
  });
});
