import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, noChromium } from './support/chromium.ts';
import { type Demo, openDemo } from './support/demo.ts';
import { eventually } from './support/eventually.ts';
import { visitPage } from './support/visitPage.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!chromiumPath || !hasFfmpeg)
  console.warn(`${chromiumPath ? 'No FFmpeg' : noChromium}. The test of videos is skipped.`);

describe.skipIf(!chromiumPath || !hasFfmpeg)('a video', { timeout: 240_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let browser: BrowserContext;
  const [picture, sound] = ['models/nature/picture-rooster-2.jpg', 'models/nature/sound-rooster-1.ogg'];
  const folder = mkdtempSync(join(tmpdir(), 'clapper-video-'));
  stops.push(() => rmSync(folder, { recursive: true }));
  const rooster = join(folder, 'rooster.webm');

  /** Five seconds of the picture. @param sound FFmpeg's flags for it. */
  function film(file: string, ...sound: string[]): void {
    const made = spawnSync('ffmpeg', [
      ...['-y', '-loglevel', 'error', '-loop', '1', '-r', '10', '-i', picture, ...sound, '-t', '5'],
      ...['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2', '-b:v', '2M', file],
    ]);
    expect(made.stderr.toString()).toBe('');
  }

  beforeAll(async () => {
    film(rooster, '-i', sound, '-c:a', 'libopus');
    const visit = await visitPage('models/nature', { serviceWorkers: 'block' });
    stops.push(visit.stop);
    ({ url, browser } = visit);
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  afterEach(() => browser.unrouteAll({ behavior: 'ignoreErrors' }));

  /** The panel, with the chainsaw as the other sound. */
  async function openPanel(): Promise<Demo> {
    const demo = await openDemo(browser, url);
    await demo.page.evaluate(() => (location.hash = '#video'));
    await demo.page.selectOption('#video-other', { label: 'A chainsaw' });
    return demo;
  }

  test('is judged over time with its own sound and another, as the server judges frame and sound', async () => {
    const demo = await openPanel();
    await demo.page.setInputFiles('#video-file', rooster);
    await eventually(() => demo.text('video-said')).toBe('Judged at 10 times.');
    const [own, other] = (await demo.text('video-means')).match(/[\d.]+(?=\s?%)/g)?.map(Number) ?? [];
    const ask = async (audio: string) => {
      const form = new FormData();
      form.set('image', new Blob([await readFile(picture)]), 'picture.jpg');
      form.set('audio', new Blob([await readFile(audio)]), 'sound.ogg');
      const answer = await fetch(`${url}v1/correspondence`, { method: 'POST', body: form });
      return 100 * ((await answer.json()) as { score: number }).score;
    };
    // The video's codecs change picture and sound a little.
    expect(Math.abs((own as number) - (await ask(sound)))).toBeLessThan(10);
    expect(Math.abs((other as number) - (await ask('models/nature/sound-chainsaw-1.ogg')))).toBeLessThan(10);
    await demo.page.close();
  });

  const drop = async ({ page }: Demo, file: string, type: string) =>
    page.evaluate(
      ([base64, type]) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], 'dropped', { type }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      },
      [(await readFile(file)).toString('base64'), type] as const,
    );

  test('dropped whose pictures the browser does not show is taken as a sound, which is said', async () => {
    const strange = join(folder, 'strange.mov');
    film(strange, '-i', sound, '-c:a', 'aac', '-c:v', 'prores_ks');
    const demo = await openDemo(browser, url);
    await drop(demo, strange, 'video/quicktime');
    await eventually(() => demo.text('sound-note')).toContain('The browser shows no pictures of this file');
    await demo.page.locator('#sound-samples button').first().click();
    await eventually(() => demo.text('sound-note')).toBe('');
    await demo.page.close();
  });

  test('dropped anywhere is judged as a video', async () => {
    const demo = await openDemo(browser, url);
    await drop(demo, rooster, 'video/webm');
    await eventually(() => demo.page.locator('#video-said').allTextContents()).toEqual(['Judged at 10 times.']);
    await demo.page.close();
  });

  test('that cannot be shown, or has no sound, is refused in a sentence; the next is judged', async () => {
    const demo = await openPanel();
    const broken = join(folder, 'broken.webm');
    writeFileSync(broken, 'not a video');
    const silent = join(folder, 'silent.webm');
    film(silent);
    await demo.page.setInputFiles('#video-file', rooster);
    await eventually(() => demo.text('video-said')).toBe('Judged at 10 times.');
    for (const [file, sentence] of [
      [broken, 'This browser cannot show this video. Convert it'],
      [silent, 'Expected sound but the webm file has none'],
    ] as const) {
      await demo.page.setInputFiles('#video-file', file);
      await eventually(() => demo.text('video-error')).toContain(sentence);
      expect(await demo.text('video-said')).toBe('');
      expect(await demo.page.locator('#video-curve').count()).toBe(0); // which was another video's
      await demo.page.locator('#video-error + button').click();
      await eventually(() => demo.text('video-error')).toContain(sentence);
    }
    await demo.page.setInputFiles('#video-file', rooster);
    await eventually(() => demo.text('video-said')).toBe('Judged at 10 times.');
    expect(await demo.text('video-error')).toBe('');
    await demo.page.close();
  });

  test('whose sound ends before its pictures is judged as long as there is sound', async () => {
    const short = join(folder, 'short.webm');
    film(short, '-t', '2', '-i', sound, '-c:a', 'libopus');
    const demo = await openPanel();
    await demo.page.setInputFiles('#video-file', short);
    await eventually(() => demo.text('video-said')).toBe('Judged at 4 times.');
    await demo.page.close();
  });

  /** As browsers end a worker for want of memory, when it is asked for the second time. */
  const mortal = `{ let asked = 0; self.addEventListener('message', (event) => {
    if (event.data.method !== 'matrix' || ++asked < 2) return;
    event.stopImmediatePropagation();
    self.close();
  }); }`;
  /** Each with another sound: what has come once is kept. */
  const failures: [string, { other: string; spoil(): Promise<unknown>; sentence: RegExp }][] = [
    [
      'the other sound is cut off',
      {
        other: 'A helicopter',
        spoil: () => browser.route('**/sound-helicopter-*', (route) => route.abort('connectionreset')),
        sentence: /The connection broke off while sound-helicopter-\d\.ogg came/,
      },
    ],
    [
      'the other sound stalls',
      {
        other: 'Heavy rain',
        spoil: () => browser.route('**/sound-rain-*', () => {}),
        sentence: /Nothing more of sound-rain-\d\.ogg came for 10 seconds/,
      },
    ],
    [
      'the worker dies while it is judged',
      {
        other: 'A chainsaw',
        spoil: () =>
          browser.route('**/assets/worker-*.js', async (route) => {
            const response = await route.fetch();
            await route.fulfill({ response, body: `${mortal}\n${await response.text()}` });
          }),
        sentence: /The part of the page that runs the model stopped/,
      },
    ],
  ];
  test.each(failures)(
    'of which %s: it is said in a sentence, and trying again judges it',
    async (_, { other, spoil, sentence }) => {
      await spoil();
      const demo = await openPanel();
      await demo.page.selectOption('#video-other', { label: other });
      await demo.page.setInputFiles('#video-file', rooster);
      await eventually(() => demo.text('video-error')).toMatch(sentence);
      await browser.unrouteAll({ behavior: 'ignoreErrors' });
      await demo.page.locator('#video-error + button').click();
      await eventually(() => demo.text('video-said')).toBe('Judged at 10 times.');
      expect(await demo.text('video-error')).toBe('');
      await demo.page.close();
    },
  );
});
