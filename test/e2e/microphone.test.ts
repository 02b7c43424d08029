import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DigitSplit, digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import type { Stroke } from '../../web-demo/picture/digit.ts';
import { handwriting } from '../web-demo/support/drawing.ts';
import { chromiumPath, noChromium, startChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { eventually } from './support/eventually.ts';
import { servePage } from './support/servePage.ts';

if (!chromiumPath) console.warn(`${noChromium}. The tests of the page's microphone are skipped.`);

// Chromium's stand-in for a microphone plays a file over and over, and stutters where the machine is busy.
describe.skipIf(!chromiumPath)("the page's microphone", { timeout: 240_000, retry: 1 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let folder: string;
  let digits: DigitSplit;

  beforeAll(async () => {
    const page = await servePage('models/digits');
    stops.push(page.stop);
    url = page.url;
    folder = mkdtempSync(join(tmpdir(), 'clapper-microphone-'));
    stops.push(() => rmSync(folder, { recursive: true }));
    digits = await readDigits((file) => readFile(`datasets/digits/${file}`), 'test');
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** A browser that hears one word of the test split every 2.4 seconds. */
  async function hearing(name: string) {
    const word = digits.recordings.find((recording) => recording.name === name)?.waveform as Float32Array;
    const room = new Float32Array(2.4 * digitsSampleRate);
    room.set(word, 0.7 * digitsSampleRate);
    const file = join(folder, `${name}.wav`);
    writeFileSync(file, encodeWav(room, digitsSampleRate));
    return startChromium({ microphone: file });
  }

  test('it listens until it is told to stop: each word is read, and judged with what is drawn meanwhile', async () => {
    const { browser, stop } = await hearing('7_george_0');
    try {
      const demo = await openDemo(browser, url);
      await demo.page.click('#listen');
      await eventually(() => demo.text('listen')).toBe('Stop listening');
      await eventually(() => demo.page.locator('#listen').getAttribute('aria-pressed')).toBe('true');
      await eventually(() =>
        demo.page.locator('#listen').evaluate((button) => button.style.getPropertyValue('--level')),
      ).toMatch(/^0\.\d/);
      await eventually(() => demo.reading('sound')).toContain('hears 7');
      await demo.draw(handwriting[7] as Stroke[]);
      await eventually(demo.score).toBeGreaterThan(0.5);
      await demo.page.click('#clear');
      await demo.draw(handwriting[2] as Stroke[]);
      await eventually(demo.score).toBeLessThan(0.5);
      await demo.page.click('#listen');
      await eventually(() => demo.text('listen')).toBe('Listen live');
      await eventually(() => demo.page.locator('#listen').getAttribute('aria-pressed')).toBe('false');
      const windows = await demo.page.locator('#sound-reading').innerHTML();
      await demo.page.waitForTimeout(3000); // longer than from one word to the next
      expect(await demo.page.locator('#sound-reading').innerHTML()).toBe(windows);
      expect(demo.complaints).toEqual([]);
    } finally {
      await stop();
    }
  });

  test('the first recording of a visit begins when sound comes, in six visits out of six', async () => {
    const { browser, stop } = await hearing('3_george_0');
    try {
      for (let visit = 0; visit < 6; visit++) {
        const demo = await openDemo(browser, url);
        await demo.page.click('#record');
        await eventually(() => demo.text('record')).toMatch(/s left$/);
        await eventually(() => demo.text('record')).toBe('Record');
        expect(await demo.text('sound-error')).toBe('');
        await eventually(() => demo.reading('sound')).toMatch(/hears \d/);
        expect(demo.complaints).toEqual([]);
        await demo.page.close();
      }
    } finally {
      await stop();
    }
  });
});
