import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseManifest } from '#core/bundle/manifest.ts';
import { chromiumPath, noChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { eventually } from './support/eventually.ts';
import { forgetKept, visitPage } from './support/visitPage.ts';

if (!chromiumPath) console.warn(`${noChromium}. The tests of what visitors choose are skipped.`);

const { examples } = parseManifest(readFileSync('models/nature/manifest.json', 'utf8'), 'nature');
const [firstPicture] = examples?.pictures ?? [];
const [firstSound] = examples?.sounds ?? [];

describe.skipIf(!chromiumPath)('what a visitor chooses', { timeout: 240_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let browser: BrowserContext;

  beforeAll(async () => {
    const visit = await visitPage(['models/nature', 'models/digits'], { camera: 'allowed', serviceWorkers: 'block' });
    stops.push(visit.stop);
    ({ url, browser } = visit);
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  beforeEach(() => forgetKept(browser, url));
  afterEach(async () => {
    await browser.unrouteAll({ behavior: 'ignoreErrors' });
    for (const page of browser.pages().slice(1)) await page.close();
  });

  const said = (page: Page, id: string) => async () => (await page.locator(`#${id}`).textContent()) ?? '';
  const shown = (page: Page) => () => page.locator('#photo').getAttribute('alt');

  /** Holds back what is asked for. @returns lets it go. */
  async function hold(files: string): Promise<() => Promise<void>> {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    await browser.route(files, async (route: Route) => {
      await released;
      await route.continue().catch(() => {}); // the page may be gone
    });
    return async () => release();
  }

  /** As from a folder: the page is told names and types. */
  const drop = (page: Page, files: { name: string; type: string; from: string }[]) =>
    page.evaluate(async (files) => {
      const data = new DataTransfer();
      for (const { name, type, from } of files) {
        const bytes = await (await fetch(from)).blob();
        data.items.add(new File([bytes], name, { type }));
      }
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }, files);
  const media = (name: string) => `models/nature/${name}`;

  test('the verdict on the first pair stands there before picture, sound and model have come', async () => {
    const letGo = await hold('**/*-{dog,rooster}-*');
    const page = await browser.newPage();
    await page.goto(url);
    await page.locator('#verdict[data-foretold]').waitFor();
    expect(await said(page, 'picture-hint')()).toBe(`“${firstPicture?.title}” is coming …`);
    expect(await said(page, 'sound-hint')()).toBe(`“${firstSound?.title}” is coming …`);
    await letGo();
    await eventually(shown(page)).toBe(firstPicture?.title);
    await eventually(said(page, 'explanation')).toContain('test pairs');
  });

  test('what is pressed while the first pair still comes waits for it: explaining, comparing, copying', async () => {
    const letGo = await hold('**/sound-*');
    const page = await browser.newPage();
    await page.goto(`${url}#explain`);
    await page.click('#explain-start');
    await eventually(said(page, 'explain-said')).toContain('are coming');
    await page.click('text=Under the hood');
    await page.click('#compare');
    await page.click('#copy-link');
    await page.click('text=What mattered');
    await page.click('#explain-start');
    await letGo();
    await page.locator('#explain-sound').waitFor({ timeout: 120_000 });
    expect(await said(page, 'explain-pair')()).toContain(firstSound?.title);
    await page.click('text=Under the hood');
    const link = new URL(await page.locator('#copied').inputValue());
    expect(Object.fromEntries(link.searchParams)).toMatchObject({
      picture: firstPicture?.file,
      sound: firstSound?.file,
    });
    const scoreOf = (backend: string) =>
      page.locator(`#comparison [data-backend=${backend}] td:nth-child(3)`).textContent({ timeout: 120_000 });
    expect(Number(await scoreOf('wasm-threads'))).toBeGreaterThan(0.5);
  });

  test('a first pair that does not come is said where it is needed, and trying again fetches it', async () => {
    await browser.route('**/sound-*', (route) => route.abort('connectionreset'));
    const page = await browser.newPage();
    await page.goto(`${url}#explain`);
    await page.click('#explain-start');
    await eventually(said(page, 'explain-error')).toContain(`The connection broke off while ${firstSound?.file} came`);
    await browser.unrouteAll({ behavior: 'ignoreErrors' });
    await page.locator('#explain-error + button').click();
    await page.locator('#explain-sound').waitFor({ timeout: 120_000 });
  });

  test('of two choices the last counts, whichever comes first', async () => {
    const { page, text } = await openDemo(browser, url);
    await eventually(shown(page)).toBe(firstPicture?.title);
    const letGo = await hold('**/*-rooster-*');
    await page.locator('#picture-samples button').nth(1).click();
    await page.locator('#sound-samples button').nth(1).click();
    await page.locator('#picture-samples button').nth(2).click();
    await page.locator('#sound-samples button').nth(2).click();
    await eventually(() => page.locator('#sound-reading').getAttribute('aria-label')).toContain('hears rain');
    const picture = await shown(page)();
    await letGo();
    await page.waitForTimeout(500);
    expect(await shown(page)()).toBe(picture);
    expect(await page.locator('#sound-reading').getAttribute('aria-label')).toContain('hears rain');
    expect(await text('sound-error')).toBe('');
  });

  test('of a pair whose sound is still to come nothing is said: no picture is judged with the sound before', async () => {
    const { page } = await openDemo(browser, url);
    await eventually(said(page, 'explanation')).toContain('test pairs'); // judged, and no longer foretold
    const letGo = await hold('**/sound-clock_tick-*');
    const pair = page.locator('#gallery button', { hasText: 'clock tick' }).first(); // with a picture of a helicopter
    await pair.click();
    await eventually(shown(page)).toContain('on the ground');
    await eventually(said(page, 'headline')).toBe('Judging …');
    await page.waitForTimeout(700);
    expect(await said(page, 'percent')()).toBe('');
    await letGo();
    await eventually(said(page, 'headline')).toBe('They do not match');
  });

  test('before the model has come, a pair has its own verdict while it comes, and not that of the one that still stands there', async () => {
    const letModelGo = await hold('**/*.onnx');
    const letPairGo = await hold('**/{sound-clock_tick,picture-helicopter}-*');
    const page = await browser.newPage();
    await page.goto(url);
    await eventually(shown(page)).toBe(firstPicture?.title);
    await eventually(said(page, 'headline')).toBe('They match');
    await page.locator('#gallery button', { hasText: 'clock tick' }).first().click();
    await eventually(said(page, 'headline')).toBe('They do not match');
    expect(await shown(page)()).toBe(firstPicture?.title);
    await letPairGo();
    await letModelGo();
    await eventually(said(page, 'explanation')).toContain('test pairs');
    expect(await said(page, 'headline')()).toBe('They do not match');
  });

  test('several files at once make a matrix; what cannot be read is named, by its bytes where its name says nothing', async () => {
    const { page } = await openDemo(browser, url);
    await drop(page, [
      { name: 'dog', type: '', from: media('picture-dog-2.jpg') },
      { name: 'rain.jpg', type: 'image/jpeg', from: media('picture-rain-2.jpg') },
      { name: 'bark', type: '', from: media('sound-dog-2.ogg') },
      { name: 'broken.jpg', type: 'image/jpeg', from: media('manifest.json') },
      { name: 'notes.txt', type: 'text/plain', from: media('manifest.json') },
      { name: 'nothing', type: '', from: media('manifest.json') },
    ]);
    await eventually(() => page.locator('.heard').count()).toBe(7);
    expect(page.url()).toContain('#matrix');
    const row = page.locator('#matrix tbody tr').last();
    expect(await row.locator('th').textContent()).toBe('♪ bark');
    const scores = await row.locator('.cell').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.score)));
    expect(scores).toHaveLength(8);
    const form = new FormData();
    for (const [field, name] of [
      ['image', 'picture-dog-2.jpg'],
      ['audio', 'sound-dog-2.ogg'],
    ] as const)
      form.set(field, new Blob([await readFile(media(name))]), name);
    const answer = await (await fetch(`${url}v1/correspondence`, { method: 'POST', body: form })).json();
    expect(Math.abs((scores[6] as number) - (answer as { score: number }).score)).toBeLessThan(0.02);
    await eventually(said(page, 'matrix-refused')).toContain('broken.jpg: This file is not a picture');
    const refused = await said(page, 'page-error')();
    expect(refused).toContain('“notes.txt” is neither');
    expect(refused).toContain('“nothing” is neither');
    await page.setInputFiles('#matrix-files', [media('picture-engine-1.jpg'), media('sound-chainsaw-1.ogg')]);
    await eventually(() => page.locator('.heard').count()).toBe(8);
    await eventually(() => page.locator('.cell').count()).toBe(8 * 9);
  });

  test('what is dropped where no pair is to be seen is shown where it is', async () => {
    const { page } = await openDemo(browser, `${url}#game`);
    await drop(page, [{ name: 'dropped.jpg', type: 'image/jpeg', from: media('picture-dog-2.jpg') }]);
    await eventually(shown(page)).toBe('dropped.jpg');
    expect(page.url()).toContain('#match');
    await eventually(() => page.title()).toContain('Clapper');
  });

  test('of a link that is damaged, or of another bundle, what is not known is said and the rest restored', async () => {
    const { page } = await openDemo(
      browser,
      `${url}?model=gone&variant=fp99&backend=abacus&picture=picture-gone.jpg&sound=${firstSound?.file}&from=-3&strokes=AAAA`,
    );
    await eventually(said(page, 'page-error')).toContain(
      'variant=fp99, backend=abacus, from=-3, strokes=AAAA, model=gone, and picture=picture-gone.jpg',
    );
    await eventually(() => page.locator('#sound-reading').getAttribute('aria-label')).toContain('hears dog');
    await eventually(() => page.locator('#model').inputValue()).toBe('nature');
    const late = await openDemo(browser, `${url}?sound=${firstSound?.file}&from=999`);
    await eventually(() => late.page.locator('#sound-reading').getAttribute('aria-label')).toContain('hears dog');
    // What the five bars show, in words.
    const reading = (await late.page.locator('#sound-reading').getAttribute('aria-label')) ?? '';
    const bars = await late.page
      .locator('#sound-reading .bar')
      .evaluateAll((bars) => bars.map((bar) => [...bar.childNodes].map(({ textContent }) => textContent).join(', ')));
    expect(bars).toHaveLength(5);
    expect(reading).toContain(bars.join('; '));
    expect(await late.text('page-error')).toBe('');
  });

  test("the browser's back and forward go through panels and models; skipping to the content stays where one is", async () => {
    const { page } = await openDemo(browser, url);
    const tab = () => page.locator('#tabs [aria-current]').textContent();
    await page.click('text=Matrix');
    await page.click('text=Game');
    await page.goBack();
    await eventually(tab).toBe('Matrix');
    await eventually(() => page.title()).toMatch(/^Matrix/);
    await page.locator('#skip').press('Enter');
    expect(await tab()).toBe('Matrix');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('panels');
    await page.selectOption('#model', 'digits');
    await eventually(said(page, 'facts')).toContain('digits');
    await page.goBack();
    await eventually(said(page, 'facts')).toContain('nature');
    await eventually(() => page.locator('#model').inputValue()).toBe('nature');
    await page.goForward();
    await eventually(said(page, 'facts')).toContain('digits');
    await eventually(() => page.locator('#model').inputValue()).toBe('digits');
  });

  test('a sound file of two gigabytes is refused at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clapper-choices-'));
    stops.push(() => rmSync(folder, { recursive: true }));
    const file = await open(join(folder, 'hours.wav'), 'w');
    await file.truncate(2.1e9);
    await file.close();
    const { page } = await openDemo(browser, url);
    await page.setInputFiles('#sound-file', join(folder, 'hours.wav'));
    await eventually(said(page, 'sound-error')).toBe(
      'This file has 2.1 GB, and 1 GB is the most. Choose a sound of two minutes at most.',
    );
  });

  test('the camera ends with Escape, and when another panel is opened', async () => {
    const { page } = await openDemo(browser, url);
    const isLive = () => page.locator('.camera').count();
    await page.click('#camera');
    await page.locator('#take-photo').press('Escape');
    expect(await isLive()).toBe(0);
    await page.click('#camera');
    await eventually(isLive).toBe(1);
    await page.click('text=Matrix');
    await page.click('text=Match');
    expect(await isLive()).toBe(0);
    await page.click('#camera');
    await eventually(isLive).toBe(1);
    await page.locator('#picture-samples button').nth(2).click(); // or it would cover what was chosen
    await eventually(isLive).toBe(0);
  });

  /** Of the streams that the page has opened from then on, how many tracks still run. */
  async function watchTracks(page: Page): Promise<() => Promise<number>> {
    await page.evaluate(() => {
      const opened: MediaStream[] = [];
      Object.assign(window, { opened });
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        opened.push(stream);
        return stream;
      };
    });
    return () =>
      page.evaluate(() => {
        const { opened } = window as unknown as { opened: MediaStream[] };
        const tracks = opened.flatMap((stream) => stream.getTracks());
        return tracks.filter(({ readyState }) => readyState === 'live').length;
      });
  }

  test('a camera whose picture cannot be shown is said, and does not stay on', async () => {
    const { page } = await openDemo(browser, url);
    const running = await watchTracks(page);
    await page.evaluate(() => {
      HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no power', 'NotAllowedError'));
    });
    await page.click('#camera');
    await eventually(said(page, 'picture-error')).toContain('The camera does not start (no power)');
    expect(await running()).toBe(0);
  });

  test('listening that is pressed three times at once opens one microphone, which closes; it ends a recording', async () => {
    const { page } = await openDemo(browser, url);
    const running = await watchTracks(page);
    await page.evaluate(() => {
      for (let press = 0; press < 3; press++) document.getElementById('listen')?.click();
    });
    await eventually(said(page, 'listen')).toBe('Stop listening');
    await eventually(running).toBe(1);
    await page.click('#listen');
    await eventually(running).toBe(0);
    await page.click('#record');
    await eventually(running).toBe(1);
    await page.click('#listen');
    await eventually(said(page, 'listen')).toBe('Stop listening');
    await eventually(said(page, 'record')).toBe('Record');
    await eventually(running).toBe(1);
  });

  test('Backspace on a board without strokes leaves the example there, and its verdict', async () => {
    const { page } = await openDemo(browser, `${url}?model=digits`);
    await eventually(said(page, 'headline')).toBe('They match');
    await page.press('#board', 'Backspace');
    await page.waitForTimeout(300);
    expect(await said(page, 'headline')()).toBe('They match');
  });

  test('a palm or another finger on the board draws nothing while one draws', async () => {
    const { page } = await openDemo(browser, `${url}?model=digits`);
    await eventually(said(page, 'headline')).toBe('They match');
    await page.click('#clear');
    const board = await page.locator('#board').boundingBox();
    if (!board) throw new Error('The board is not to be seen.');
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: [number, number][]) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(([x, y], id) => ({ x: board.x + x * board.width, y: board.y + y * board.height, id })),
      });
    await touch('touchStart', [0.2, 0.2]);
    await touch('touchMove', [0.2, 0.4]);
    await touch('touchStart', [0.2, 0.4], [0.9, 0.9]);
    await touch('touchMove', [0.2, 0.6], [0.9, 0.91]);
    await touch('touchMove', [0.2, 0.8], [0.9, 0.9]);
    await touch('touchEnd');
    const inked = (x: number, y: number) =>
      page.locator('#board').evaluate(
        (board, [x, y]) => {
          const { width, height } = board as HTMLCanvasElement;
          const context = (board as HTMLCanvasElement).getContext('2d');
          return context?.getImageData(x * width, y * height, 1, 1).data[3];
        },
        [x, y] as const,
      );
    await eventually(() => inked(0.2, 0.5)).toBe(255);
    expect(await inked(0.9, 0.9)).toBe(0);
    expect(await inked(0.55, 0.75)).toBe(0); // between the two
  });

  test('where the browser does not let the page copy, that is said, and the text stands there', async () => {
    const { page } = await openDemo(browser, `${url}#hood`);
    // As over plain HTTP from another machine.
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    await page.click('#copy-link');
    await eventually(said(page, 'copy-note')).toContain('The browser does not let the page copy');
    await eventually(() => page.locator('#copied').inputValue()).toContain('model=nature');
  });

  test('the game is played by keyboard alone', async () => {
    const { page } = await openDemo(browser, `${url}#game`);
    await page.locator('#game-next').press('Enter');
    for (const round of [1, 2]) {
      await eventually(said(page, 'game-said')).toContain(`Sound ${round} of 10`);
      await eventually(() => page.evaluate(() => document.activeElement?.parentElement?.id)).toBe('game-pictures');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await eventually(() => page.evaluate(() => document.activeElement?.id)).toBe('game-next');
      await page.keyboard.press('Enter');
    }
  });
});
