import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { Stroke } from '../../../web-demo/picture/digit.ts';

/** The page in a browser, as a visitor uses it, and what went wrong in it. */
export interface Demo {
  page: Page;
  /** Errors and warnings of the console, exceptions, and requests that failed or left the server. */
  complaints: string[];
  draw(strokes: Stroke[]): Promise<void>;
  /** The nth example picture or recording: that of the digit n. */
  pick(side: 'picture' | 'sound', digit: number): Promise<void>;
  open(side: 'picture' | 'sound', file: Uint8Array): Promise<void>;
  /** In [0, 1], unrounded; NaN where there is none. */
  score(): Promise<number>;
  text(id: string): Promise<string>;
  /** What a side's classifier says, in words. */
  reading(side: 'picture' | 'sound'): Promise<string>;
}

/** Opens the page and waits until the model is there. */
export async function openDemo(browser: BrowserContext, url: string): Promise<Demo> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    // What a page had asked for when it was left or loaded anew is aborted, and no fault.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`);
  });
  browser.on('request', (request) => {
    if (/^(http|ws)/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
      complaints.push(`left for ${request.url()}`);
  });
  const folder = await mkdtemp(join(tmpdir(), 'clapper-page-'));
  page.on('close', () => rmSync(folder, { recursive: true }));
  await page.goto(url);
  await page.locator('#opening').waitFor({ state: 'hidden' });

  return {
    page,
    complaints,
    async draw(strokes) {
      const board = await page.locator('#board').boundingBox();
      if (!board) throw new Error('The board is not to be seen.');
      for (const stroke of strokes) {
        for (const [i, { x, y }] of stroke.entries()) {
          await page.mouse.move(board.x + x * board.width, board.y + y * board.height);
          if (i === 0) await page.mouse.down();
        }
        await page.mouse.up();
      }
    },
    async pick(side, digit) {
      await page.locator(`#${side}-samples button`).nth(digit).click();
    },
    async open(side, file) {
      const path = join(folder, side); // handed over as bytes, Playwright would keep the page's thread busy with them
      await writeFile(path, file);
      await page.setInputFiles(`#${side}-file`, path);
    },
    score: () =>
      page.locator('#verdict').evaluate((verdict: HTMLElement) => {
        return verdict.dataset.verdict === 'open' ? Number.NaN : Number(verdict.style.getPropertyValue('--score'));
      }),
    text: async (id) => (await page.locator(`#${id}`).textContent()) ?? '',
    reading: async (side) => (await page.locator(`#${side}-reading`).getAttribute('aria-label')) ?? '',
  };
}
