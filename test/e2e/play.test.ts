import { readFile } from 'node:fs/promises';
import type { BrowserContext } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseManifest } from '#core/bundle/manifest.ts';
import { hideInPicture } from '../../web-demo/explain/hide.ts';
import { type Pair, samplePairs, samplesOf } from '../../web-demo/samples.ts';
import { chromiumPath, noChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { eventually } from './support/eventually.ts';
import { visitPage } from './support/visitPage.ts';

if (!chromiumPath) console.warn(`${noChromium}. The tests of the game and of what mattered are skipped.`);

describe.skipIf(!chromiumPath)('the game, and what mattered', { timeout: 180_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let browser: BrowserContext;

  beforeAll(async () => {
    const visit = await visitPage('models/digits');
    stops.push(visit.stop);
    ({ url, browser } = visit);
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  test('ten rounds against the network: its choice is its highest score, and both are counted', async () => {
    const { page, complaints } = await openDemo(browser, url);
    await page.evaluate(() => (location.hash = '#game'));
    await page.click('#game-next');
    let [you, network] = [0, 0];
    for (let round = 1; round <= 10; round++) {
      await eventually(() => page.textContent('#game-said')).toContain(`Sound ${round} of 10`);
      const pictures = page.locator('#game-pictures button');
      expect(await pictures.count()).toBe(4);
      await pictures.nth(round % 4).click();
      await page.locator('#game-next').waitFor();
      const cards = await pictures.evaluateAll((buttons) =>
        buttons.map((button) => ({
          isRight: button.classList.contains('right'),
          score: Number.parseFloat(/[\d.]+/.exec(button.querySelector('small')?.textContent ?? '')?.[0] ?? ''),
          marks: button.querySelector('b')?.textContent ?? '',
        })),
      );
      expect(cards.filter(({ isRight }) => isRight)).toHaveLength(1);
      expect(cards[round % 4]?.marks).toContain('you');
      const guessed = cards.find(({ marks }) => marks.includes('network'));
      expect(guessed?.score).toBe(Math.max(...cards.map(({ score }) => score)));
      if (cards[round % 4]?.isRight) you++;
      if (guessed?.isRight) network++;
      if (round < 10) await page.click('#game-next');
    }
    await eventually(() => page.textContent('#game-tally')).toContain(`you ${you}, the network ${network} of 10.`);
    expect(network).toBeGreaterThan(5); // by chance 2.5
    await eventually(() => page.textContent('#game-next')).toBe('Play again');
    expect(complaints).toEqual([]);
  });

  test('what mattered: the score falls by as much as the server says when the same part is hidden; it can be cancelled', async () => {
    const demo = await openDemo(browser, url);
    await eventually(demo.score).toBeGreaterThan(0);
    await demo.page.evaluate(() => (location.hash = '#explain'));
    await demo.page.click('#explain-start');
    await demo.page.click('#explain-cancel');
    await eventually(() => demo.text('explain-said')).toBe('Cancelled.');
    await demo.page.click('#explain-start');
    await eventually(() => demo.text('explain-said')).toContain('With everything there, the score is');
    const fallen = await demo.page
      .locator('#explain-picture .tints i')
      .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).dataset.fallen)));
    expect(fallen).toHaveLength(49);
    const patternOf = (kind: string) =>
      demo.page.locator(`.legend .${kind}`).evaluate((mark) => getComputedStyle(mark).backgroundImage);
    expect(await patternOf('for')).not.toBe(await patternOf('against')); // not told apart by colour alone
    await eventually(() => demo.page.locator('#explain-sound .tints i').count()).toBe(48);

    const manifest = parseManifest(await readFile('models/digits/manifest.json', 'utf8'), 'digits');
    const { picture, sound } = samplePairs(samplesOf(manifest))[0] as Pair; // what the page opens with
    const whole = await sharp(`models/digits/${picture.file}`).toColourspace('srgb').removeAlpha().raw().toBuffer();
    const ask = async (image: Uint8Array) => {
      const form = new FormData();
      const png = await sharp(image, { raw: { width: 28, height: 28, channels: 3 } })
        .png()
        .toBuffer();
      form.set('image', new Blob([png as BlobPart]), 'picture.png');
      form.set('audio', new Blob([await readFile(`models/digits/${sound.file}`)]), sound.file);
      const answer = await fetch(`${url}v1/correspondence`, { method: 'POST', body: form });
      return ((await answer.json()) as { score: number }).score;
    };
    const strongest = fallen.indexOf(Math.max(...fallen));
    const [row, column] = [Math.floor(strongest / 7), strongest % 7];
    const part = { of: 'picture', rows: 7, columns: 7, row, column } as const;
    const without = hideInPicture(new Uint8Array(whole), part, { width: 28, height: 28 });
    const expected = (await ask(new Uint8Array(whole))) - (await ask(without));
    expect(Math.abs((fallen[strongest] as number) - expected)).toBeLessThan(1e-3);
    expect(demo.complaints).toEqual([]);
  });
});
