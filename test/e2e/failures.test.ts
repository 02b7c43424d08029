import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page, Route } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { chromiumPath, noChromium, startChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { eventually } from './support/eventually.ts';
import { startFaultyHost } from './support/faultyHost.ts';
import { forgetKept, visitPage } from './support/visitPage.ts';

if (!chromiumPath) console.warn(`${noChromium}. The tests of the page's failures are skipped.`);

describe.skipIf(!chromiumPath)('what the page does when something fails', { timeout: 300_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let browser: BrowserContext;
  let folder: string;
  let pageFolder: string;

  beforeAll(async () => {
    const visit = await visitPage('models/digits', { camera: 'refused', webGpu: true, serviceWorkers: 'block' });
    stops.push(visit.stop);
    ({ url, browser, folder: pageFolder } = visit);
    folder = mkdtempSync(join(tmpdir(), 'clapper-failures-'));
    stops.push(() => rmSync(folder, { recursive: true }));
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  beforeEach(() => forgetKept(browser, url));
  afterEach(() => browser.unrouteAll({ behavior: 'ignoreErrors' }));

  /** Runs code in the page's worker before its own. */
  const before = (code: string) =>
    browser.route('**/assets/worker-*.js', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${code};\n${await response.text()}` });
    });
  const score = (page: Page) =>
    page.evaluate(() => {
      const verdict = document.querySelector<HTMLElement>('#verdict');
      return /match/.test(verdict?.dataset.verdict ?? '') ? Number(verdict?.style.getPropertyValue('--score')) : null;
    });
  const said = (page: Page, id: string) => async () => (await page.locator(`#${id}`).textContent()) ?? '';
  /** The newest: one that has ended may be listed for a while. */
  const workerOf = (page: Page) => page.workers().findLast((worker) => /\/worker-/.test(worker.url()));
  const end = async (page: Page, die: () => void) => {
    await workerOf(page)
      ?.evaluate(die)
      .catch(() => {}); // it may be gone before it has answered
  };
  const retry = (page: Page, id: string) => page.locator(`#${id} + button`).click();

  /** The page is opened while `files` suffer the fault, which it says in a sentence; without the fault, trying again works. */
  async function opensAfter({
    files,
    fault,
    sentence,
  }: {
    files: string;
    fault: (route: Route) => unknown;
    sentence: string;
  }) {
    await browser.route(files, fault);
    const page = await browser.newPage();
    await page.goto(url);
    await eventually(said(page, 'engine-error')).toContain(sentence);
    await browser.unrouteAll({ behavior: 'ignoreErrors' });
    await retry(page, 'engine-error');
    await eventually(() => score(page)).toBeGreaterThan(0.5);
    await page.close();
  }

  test('a runtime that does not start is said; trying again starts it', async () => {
    await opensAfter({
      files: '**/ort-wasm-simd-threaded-*.mjs',
      fault: (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: 'export default () => { throw new Error("not here"); };',
        }),
      sentence: 'ONNX Runtime does not start in this browser',
    });
  });

  test('where the browser refuses shared memory it runs in one thread', async () => {
    await browser.route(url, async (route) => {
      const response = await route.fetch();
      const headers = Object.entries(response.headers()).filter(([name]) => !name.startsWith('cross-origin'));
      await route.fulfill({ response, headers: Object.fromEntries(headers) });
    });
    const page = await browser.newPage();
    await page.goto(url);
    await eventually(() => score(page)).toBeGreaterThan(0.5);
    await eventually(said(page, 'facts')).toContain('WebAssembly, 1 thread.');
    await page.close();
  });

  test('a missing classifier is said, all else works', async () => {
    await browser.route('**/classify-spoken-digit.onnx', (route) => route.fulfill({ status: 404, body: '' }));
    const page = await browser.newPage();
    await page.goto(url);
    await eventually(() => score(page)).toBeGreaterThan(0.5);
    await eventually(said(page, 'missing')).toContain('The classifier “spoken-digit” is missing, all else works');
    await eventually(said(page, 'facts')).toContain('Checked');
    await page.close();
  });

  test('where there is no WebGPU, WebAssembly can be chosen; a graphics card that is taken away comes back by trying again', async () => {
    await before('Object.defineProperty(navigator, "gpu", { value: undefined })');
    const page = await browser.newPage();
    await page.goto(`${url}?backend=webgpu#hood`);
    await eventually(said(page, 'engine-error')).toContain('This browser offers no WebGPU here');
    await browser.unrouteAll();
    await before(
      '{ const request = GPUAdapter.prototype.requestDevice; GPUAdapter.prototype.requestDevice = async function (...a) { const d = await request.apply(this, a); self.lose = () => d.destroy(); return d; }; }',
    );
    await retry(page, 'engine-error');
    await eventually(said(page, 'facts')).toContain('run by WebGPU');
    await workerOf(page)?.evaluate(() => (self as unknown as { lose: () => void }).lose());
    await eventually(said(page, 'engine-error')).toContain('The graphics card was taken away');
    await browser.unrouteAll();
    await retry(page, 'engine-error');
    await eventually(said(page, 'facts')).toContain('run by WebGPU');
    await eventually(said(page, 'facts')).toContain('Checked');
    await page.selectOption('#backend', 'wasm');
    await eventually(said(page, 'facts')).toContain('1 thread');
    await page.close();
  });

  test('a camera that is not allowed is said; once it is, trying again opens it', async () => {
    const { page } = await openDemo(browser, url);
    await page.click('#camera');
    await eventually(said(page, 'picture-error')).toContain('The camera is not allowed for this page');
    await browser.grantPermissions(['camera']);
    await retry(page, 'picture-error');
    await page.click('#take-photo');
    await eventually(() => page.locator('.camera').count()).toBe(0);
    expect(await said(page, 'picture-error')()).toBe('');
    await browser.clearPermissions();
    await page.close();
  });

  test('a microphone that is not allowed is said; once it is, trying again listens', async () => {
    const { page } = await openDemo(browser, url);
    await page.click('#listen');
    await eventually(said(page, 'sound-error')).toContain('The microphone is not allowed for this page');
    await browser.grantPermissions(['microphone']);
    await retry(page, 'sound-error');
    await eventually(said(page, 'listen')).toBe('Stop listening');
    expect(await said(page, 'sound-error')()).toBe('');
    await browser.clearPermissions();
    await page.close();
  });

  test('the part that records does not come: that is said, and trying again records', async () => {
    const host = await startFaultyHost(url); // Playwright's routes do not see what worklets ask for
    try {
      const [script] = (await readdir(join(pageFolder, 'assets'))).filter((file) => /^recorder.*\.js$/.test(file));
      host.faults.set(script as string, 'cut');
      await browser.grantPermissions(['microphone']);
      const { page } = await openDemo(browser, host.url);
      await page.click('#listen');
      await eventually(said(page, 'sound-error')).toContain('needs for “the microphone” did not come');
      host.faults.clear();
      await retry(page, 'sound-error');
      await eventually(said(page, 'listen')).toBe('Stop listening');
      await page.close();
    } finally {
      await browser.clearPermissions();
      await host.stop();
    }
  });

  test('where there is neither camera nor microphone, that is said; all else goes on', async () => {
    const bare = await startChromium();
    try {
      await bare.browser.grantPermissions(['camera', 'microphone']);
      const { page } = await openDemo(bare.browser, url);
      await page.click('#camera');
      await eventually(said(page, 'picture-error')).toContain('No camera was found');
      await page.click('#record');
      await eventually(said(page, 'sound-error')).toContain('No microphone was found');
      await eventually(() => score(page)).toBeGreaterThan(0.5);
    } finally {
      await bare.stop();
    }
  });

  /** What is asked for in vain, where its failure is said, and what shows that trying again has worked. */
  const cuts: [
    string,
    string,
    { ask(page: Page): Promise<unknown>; error: string; sentence: RegExp; works(page: Page): Promise<unknown> },
  ][] = [
    [
      'an example that does not come',
      '**/spoken-4-*',
      {
        ask: (page) => page.locator('#sound-samples button').nth(4).click(),
        error: 'sound-error',
        sentence: /The connection broke off while spoken-4-\w+\.wav came/,
        works: (page) =>
          eventually(() => page.locator('#sound-reading').getAttribute('aria-label')).toContain('hears 4'),
      },
    ],
    [
      'a picture that does not come',
      '**/written-4-*',
      {
        ask: (page) => page.locator('#picture-samples button').nth(4).click(),
        error: 'picture-error',
        sentence: /The connection broke off while written-4-\d\.png came/,
        works: (page) =>
          eventually(() => page.locator('#picture-reading').getAttribute('aria-label')).toContain('as 4'),
      },
    ],
    [
      'a panel that does not come',
      '**/assets/panel-*.js',
      {
        ask: (page) => page.click('text=Matrix'),
        error: 'panel-error',
        sentence: /What the page needs for “Matrix” did not come/,
        works: (page) => page.locator('.cell').first().waitFor(),
      },
    ],
    [
      'a matrix whose sounds do not come',
      '**/spoken-5-*',
      {
        ask: (page) => page.click('text=Matrix'),
        error: 'matrix-error',
        sentence: /The connection broke off while spoken-5-\w+\.wav came/,
        works: (page) => page.locator('.cell').first().waitFor(),
      },
    ],
    [
      'a game whose sounds do not come',
      '**/spoken-*',
      {
        ask: async (page) => {
          await page.evaluate(() => {
            Math.random = () => 0.9; // the last sound: the first is there already
          });
          await page.click('text=Game');
          await page.click('#game-next');
        },
        error: 'game-error',
        sentence: /The connection broke off while spoken-\d-\w+\.wav came/,
        works: (page) => eventually(said(page, 'game-said')).toContain('Sound 1 of 10'),
      },
    ],
    [
      'a model card that does not come',
      '**/MODEL_CARD.md',
      {
        ask: (page) => page.click('text=Model card'),
        error: 'card-error',
        sentence: /The connection broke off while MODEL_CARD\.md came/,
        works: (page) => eventually(said(page, 'card')).toContain('digits'),
      },
    ],
    [
      'a decoder that does not come',
      '**/assets/decode-*.js',
      {
        ask: (page) => page.setInputFiles('#sound-file', 'models/nature/sound-dog-1.ogg'),
        error: 'sound-error',
        sentence: /What the page needs for “reading this file” did not come/,
        works: (page) => eventually(said(page, 'explanation')).toContain('The whole sound counts'),
      },
    ],
    [
      'an explanation whose server is gone',
      '**/v2/**',
      {
        ask: (page) =>
          page
            .click('text=Under the hood')
            .then(() => page.selectOption('#backend', 'server'))
            .then(() => page.click('text=What mattered'))
            .then(() => page.click('#explain-start')),
        error: 'explain-error',
        sentence: /The server does not answer/,
        works: (page) => page.locator('#explain-sound').waitFor(),
      },
    ],
    [
      'a server that is gone',
      '**/v2/**',
      {
        ask: (page) =>
          page
            .click('text=Under the hood')
            .then(() => page.selectOption('#backend', 'server'))
            .then(() => page.click('text=Match')),
        error: 'match-error',
        sentence: /The server does not answer/,
        works: (page) => eventually(() => score(page)).toBeGreaterThan(0.5),
      },
    ],
  ];
  test.each(cuts)(
    '%s is said in a sentence, and trying again works',
    async (_, files, { ask, error, sentence, works }) => {
      const { page } = await openDemo(browser, url);
      await eventually(() => score(page)).toBeGreaterThan(0.5);
      await browser.route(files, (route) => route.abort('connectionreset'));
      await ask(page);
      await eventually(said(page, error)).toMatch(sentence);
      await browser.unrouteAll({ behavior: 'ignoreErrors' });
      await retry(page, error);
      await works(page);
      await eventually(() => page.locator(`#${error}`).isVisible()).toBe(false);
      await page.close();
    },
  );

  test('a part of the page or list of models that does not come is said, and trying again works', async () => {
    for (const [files, sentence] of [
      ['**/assets/worker-*.js', 'The part of the page that runs the model stopped'],
      ['**/assets/ort.wasm*.js', 'What the page needs for “running the model” did not come'],
      ['**/v1/models', 'The connection broke off while models came'],
    ] as const) {
      await opensAfter({ files, fault: (route) => route.abort('connectionreset'), sentence });
    }
  });

  test('a server that says nothing for ten seconds is given up; trying again goes on', async () => {
    const { page } = await openDemo(browser, `${url}?backend=server`);
    await eventually(() => score(page)).toBeGreaterThan(0.5);
    await page.click('text=What mattered');
    await browser.route('**/v2/**', () => {});
    await page.click('#explain-start');
    await eventually(said(page, 'explain-error')).toMatch(/The server does not answer/);
    await browser.unrouteAll({ behavior: 'ignoreErrors' });
    await retry(page, 'explain-error');
    await page.locator('#explain-sound').waitFor();
    await page.close();
  });

  /** Ends the worker that runs the model: by an error that nothing catches, or as browsers do for want of memory, without a word. */
  const deaths = [
    [
      'throws',
      () =>
        void setTimeout(() => {
          throw new Error('out of memory');
        }),
      /stopped: .*out of memory\. Try again/,
    ],
    [
      'is ended by the browser',
      () => self.close(),
      /stopped: the browser ended it, perhaps for want of memory\. Try again/,
    ],
  ] as const;
  test.each(deaths)(
    'a worker that %s is said wherever it was asked; trying again starts another, and goes on',
    async (_, die, sentence) => {
      const { page } = await openDemo(browser, url);
      await eventually(() => score(page)).toBeGreaterThan(0.5);
      await page.click('text=What mattered');
      await page.click('#explain-start');
      await eventually(said(page, 'explain-said')).toMatch(/^\d+ of 97 parts hidden/);
      await end(page, die);
      await eventually(said(page, 'explain-error')).toMatch(sentence);
      expect(await said(page, 'engine-error')()).toMatch(sentence);
      await eventually(() => page.locator('#explain-start').isVisible()).toBe(true);
      await retry(page, 'explain-error');
      await page.locator('#explain-sound').waitFor();
      await eventually(said(page, 'explain-said')).toContain('With everything there, the score is');
      await eventually(() => page.locator('#explain-error').isVisible()).toBe(false);
      await eventually(() => page.locator('#engine-error').isVisible()).toBe(false);

      // In the first panel nobody asked: it is said below, and the next choice starts the model again.
      await page.click('text=Match');
      await end(page, die);
      await eventually(said(page, 'engine-error')).toMatch(sentence);
      await page.locator('#sound-samples button').nth(6).click();
      await eventually(() => page.locator('#sound-reading').getAttribute('aria-label')).toContain('hears 6');
      await eventually(() => page.locator('#engine-error').isVisible()).toBe(false);
      await page.close();
    },
  );

  test('a script that stalls is said after half a minute, and trying again works', async () => {
    for (const [files, sentence] of [
      ['**/assets/worker-*.js', 'The part of the page that runs the model stopped: it did not load'],
      ['**/ort-wasm-simd-threaded-*.mjs', 'What the page needs for “running the model” did not come'],
    ] as const) {
      await opensAfter({ files, fault: () => {}, sentence });
    }
  });

  test('offline with the page open: what was not fetched is said; connected again, trying again works', async () => {
    const { page } = await openDemo(browser, url);
    await eventually(() => score(page)).toBeGreaterThan(0.5);
    await browser.setOffline(true);
    await page.locator('#sound-samples button').nth(6).click();
    await eventually(said(page, 'sound-error')).toMatch(/There is no network, and spoken-6-\w+\.wav was not kept/);
    await browser.setOffline(false);
    await retry(page, 'sound-error');
    await eventually(() => page.locator('#sound-reading').getAttribute('aria-label')).toContain('hears 6');
    await page.close();
  });

  test('a photo of a hundred megapixels is seen; a larger one, and three hours of sound, are refused, and all else goes on', async () => {
    const { page } = await openDemo(browser, url);
    const photo = async (name: string, width: number) => {
      const file = join(folder, name);
      await sharp({ create: { width, height: 10_000, channels: 3, background: '#fff' } })
        .jpeg()
        .toFile(file);
      await page.setInputFiles('#picture-file', file);
    };
    await photo('largest.jpg', 10_000);
    await eventually(() => page.locator('#picture-reading').getAttribute('aria-label')).not.toContain('as 0');
    await photo('larger.jpg', 10_100);
    await eventually(said(page, 'picture-error')).toContain(
      'This picture has 101 million pixels, and 100 are the most',
    );
    const hours = join(folder, 'hours.wav');
    const seconds = 3 * 3600;
    const header = Buffer.from('RIFF....WAVEfmt ....................data....', 'latin1');
    for (const [at, value] of [
      [4, 36 + 8000 * seconds],
      [16, 16],
      [24, 8000],
      [28, 8000],
      [40, 8000 * seconds],
    ] as const)
      header.writeUInt32LE(value, at);
    for (const [at, value] of [
      [20, 1],
      [22, 1],
      [32, 1],
      [34, 8],
    ] as const)
      header.writeUInt16LE(value, at);
    const descriptor = openSync(hours, 'w');
    writeSync(descriptor, header);
    closeSync(descriptor);
    truncateSync(hours, 44 + 8000 * seconds);
    await page.setInputFiles('#sound-file', hours);
    await eventually(said(page, 'sound-error')).toMatch(/120 (s|seconds)|2 minutes/);
    await page.locator('#sound-samples button').nth(4).click();
    await page.locator('#picture-samples button').nth(4).click();
    await eventually(() => score(page)).toBeGreaterThan(0.5);
    await page.close();
  });

  test('a bundle that was mended is taken by trying again', async () => {
    const manifest = JSON.parse(await readFile('models/digits/manifest.json', 'utf8'));
    manifest.variants.fp32.files.match.sha256 = '0'.repeat(64);
    await browser.route('**/manifest.json', (route) => route.fulfill({ json: manifest }));
    const page = await browser.newPage();
    await page.goto(url);
    await eventually(said(page, 'engine-error')).toContain('The model did not load');
    await browser.unrouteAll();
    await retry(page, 'engine-error');
    await eventually(() => score(page)).toBeGreaterThan(0.5);
    await page.close();
  });
});
