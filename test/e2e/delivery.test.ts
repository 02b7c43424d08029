import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseManifest } from '#core/bundle/manifest.ts';
import { type Pair, samplePairs, samplesOf } from '../../web-demo/samples.ts';
import { buildPage } from './support/buildPage.ts';
import { chromiumPath, noChromium, startChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { eventually } from './support/eventually.ts';
import { type Fault, startFaultyHost } from './support/faultyHost.ts';
import { startPlainHost } from './support/plainHost.ts';
import { servePage } from './support/servePage.ts';
import { visitPage } from './support/visitPage.ts';

if (!chromiumPath) console.warn(`${noChromium}. The tests of how the page is delivered are skipped.`);

/** As a build after a change gives: every script and style has another name and says so in the page and its service worker. */
async function deployNextVersion(folder: string): Promise<void> {
  const assets = (await readdir(join(folder, 'assets'))).filter((file) => !/\.(br|gz)$/.test(file));
  const renamed = assets.filter((file) => /\.(js|css)$/.test(file)).map((file) => [file, `next-${file}`] as const);
  const rename = (text: string) => renamed.reduce((text, [from, to]) => text.replaceAll(from, to), text);
  for (const file of assets.filter((file) => /\.(js|mjs|css)$/.test(file))) {
    const text = rename(await readFile(join(folder, 'assets', file), 'utf8'));
    await rm(join(folder, 'assets', file));
    await writeFile(join(folder, 'assets', rename(file)), text);
  }
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  await writeFile(join(folder, 'index.html'), rename(page).replace('<title>', '<title>next version: '));
  const worker = await readFile(join(folder, 'sw.js'), 'utf8');
  await writeFile(join(folder, 'sw.js'), rename(worker).replace(/\$\{"\w+"\}/, 'next'));
  for (const file of await readdir(folder, { recursive: true })) {
    if (/\.(br|gz)$/.test(file) && !file.startsWith('compressed')) await rm(join(folder, file));
  }
}

describe.skipIf(!chromiumPath)('how the page is delivered', { timeout: 240_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let host: Awaited<ReturnType<typeof startFaultyHost>>;
  let browser: BrowserContext;

  beforeAll(async () => {
    const visit = await visitPage('models/digits');
    stops.push(visit.stop);
    ({ url, browser } = visit);
    host = await startFaultyHost(url);
    stops.push(host.stop);
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  test('neither the page nor its workers can send anything to another origin', async () => {
    const received: string[] = [];
    const elsewhere = createServer((request, response) => {
      received.push(`${request.method} ${request.url}`);
      response.setHeader('Access-Control-Allow-Origin', '*').end();
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    try {
      const demo = await openDemo(browser, url);
      const send = (address: string) =>
        fetch(address, { method: 'POST', mode: 'no-cors', body: 'a drawing' }).then(
          () => 'sent',
          () => 'refused',
        );
      const workers = demo.page.workers().filter((worker) => /\/worker-/.test(worker.url())); // not ONNX Runtime's threads, which wait
      expect(workers.length).toBe(1);
      const address = `http://127.0.0.1:${port}/`;
      expect(await demo.page.evaluate(send, address)).toBe('refused');
      for (const worker of workers) expect(await worker.evaluate(send, address)).toBe('refused');
      expect(received).toEqual([]);
    } finally {
      elsewhere.close();
    }
  });
  test('its first paint wants at most 100 kB of JavaScript, none of which asks for what the policy forbids', async () => {
    const page = await browser.newPage();
    const violations: string[] = [];
    const session = await page.context().newCDPSession(page);
    await session.send('Audits.enable');
    session.on('Audits.issueAdded', ({ issue }) => violations.push(issue.code));
    const scripts = new Set<string>();
    page.on('response', (response) => {
      if (/assets\/[^/]*\.js$/.test(response.url())) scripts.add(response.url());
    });
    await page.goto(url);
    await page.locator('#verdict[data-foretold]').waitFor();
    let bytes = 0;
    for (const script of scripts) bytes += gzipSync(await (await fetch(script)).text()).length;
    expect(bytes).toBeGreaterThan(20e3);
    expect(bytes).toBeLessThan(100e3);
    await eventually(() => page.textContent('#facts')).toMatch(/Checked/);
    expect(violations).toEqual([]);
    await page.close();
  });

  test('it opens and judges without a network after the first visit, and fetches no file twice', async () => {
    const own = await startFaultyHost(url);
    const chromium = await startChromium();
    try {
      const demo = await openDemo(chromium.browser, own.url);
      await demo.page.evaluate(() => navigator.serviceWorker.ready);
      await demo.page.reload();
      await demo.page.locator('#opening').waitFor({ state: 'hidden' });
      await eventually(demo.score).toBeGreaterThanOrEqual(0);
      await demo.page.evaluate(() => (location.hash = '#hood'));
      await demo.page.locator('#kept[data-kept=true]').waitFor();
      await demo.page.evaluate(() => (location.hash = '#match'));
      const large = own.asked.filter((path) => /\.(wasm|onnx)$/.test(path));
      expect(large.length).toBeGreaterThan(3);
      expect(new Set(large).size).toBe(large.length);
      await own.stop();
      await demo.page.reload();
      await demo.page.locator('#opening').waitFor({ state: 'hidden' });
      await eventually(demo.score).toBeGreaterThanOrEqual(0);
      expect(await demo.page.evaluate(() => crossOriginIsolated)).toBe(true);
      await demo.page.evaluate(() => (location.hash = '#hood'));
      await demo.page.click('#clear-kept');
      await demo.page.locator('#kept[data-kept=false]').waitFor();
    } finally {
      await chromium.stop();
    }
  });

  test('what does not come in time but was kept is taken as it was', async () => {
    const chromium = await startChromium();
    try {
      const first = await openDemo(chromium.browser, host.url);
      await first.page.evaluate(() => navigator.serviceWorker.ready);
      await first.page.reload();
      await eventually(() => first.text('facts')).toMatch(/Checked/);
      for (const file of ['v1/models', 'manifest.json']) host.faults.set(file, 'stall');
      await first.page.reload();
      await eventually(() => first.text('facts')).toMatch(/Checked/);
      expect(await first.text('engine-error')).toBe('');
    } finally {
      host.faults.clear();
      await chromium.stop();
    }
  });

  const sentences: [string, Fault, RegExp][] = [
    ['match.onnx', 'alter', /What came is not the match\.onnx that the model's manifest names/],
    ['image.onnx', 'cut', /The connection broke off while image\.onnx came/],
    ['audio.onnx', 'stall', /Nothing more of audio\.onnx came for 10 seconds/],
    ['.wasm', 'cut', /The connection broke off while ort-wasm-simd-threaded\.wasm came/],
    ['manifest.json', 'cut', /The connection broke off while manifest\.json came/],
  ];
  test.each(sentences)('%s: %s is said in a sentence, and trying again works', async (file, fault, sentence) => {
    const chromium = await startChromium();
    host.faults.set(file, fault);
    try {
      const page = await chromium.browser.newPage();
      await page.goto(host.url);
      const error = page.locator('#engine-error');
      await eventually(async () => ((await error.isVisible()) ? error.textContent() : '')).toMatch(sentence);
      host.faults.clear();
      await page.locator('#status .retry').click();
      await eventually(() => page.textContent('#facts')).toMatch(/Checked/);
    } finally {
      host.faults.clear();
      await chromium.stop();
    }
  });

  test('where the browser has no room for its files, it works all the same', async () => {
    const chromium = await startChromium();
    try {
      const page = await chromium.browser.newPage();
      const session = await chromium.browser.newCDPSession(page);
      await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(url).origin, quotaSize: 1000 });
      await page.goto(url);
      await eventually(() => page.textContent('#facts')).toMatch(/Checked/);
    } finally {
      await chromium.stop();
    }
  });

  test('where the browser lets it keep nothing, it works all the same, and says so', async () => {
    const chromium = await startChromium({ storage: 'refused' });
    try {
      const demo = await openDemo(chromium.browser, url);
      await eventually(() => demo.text('facts')).toMatch(/Checked/);
      expect(await demo.page.evaluate(() => caches.keys().then(() => 'allowed', String))).toContain('SecurityError');
      expect(await demo.score()).toBeGreaterThan(0.5);
      await demo.page.evaluate(() => (location.hash = '#hood'));
      await demo.page.locator('#kept[data-kept=false]').waitFor();
      await demo.page.click('#clear-kept');
      expect(demo.complaints).toEqual([]);
    } finally {
      await chromium.stop();
    }
  });

  test('the only page, reloaded after another version was put in its place, is the new one, with its panels kept for when there is no network', async () => {
    const own = await servePage('models/digits');
    const chromium = await startChromium();
    try {
      const demo = await openDemo(chromium.browser, own.url);
      const kept = () =>
        demo.page.evaluate(() => caches.keys().then((names) => names.filter((name) => /page/.test(name))));
      await demo.page.evaluate(() => navigator.serviceWorker.ready);
      const [oldCache] = await kept();
      await deployNextVersion(own.folder);
      await demo.page.reload();
      await eventually(() => demo.page.title()).toContain('next version');
      await eventually(kept).toEqual([expect.not.stringContaining(oldCache as string)]);
      await own.stop();
      await demo.page.evaluate(() => (location.hash = '#explain'));
      await demo.page.locator('#explain-start').waitFor();
      await demo.page.reload();
      await demo.page.locator('#explain-start').waitFor();
      await eventually(() => demo.page.title()).toContain('next version');
    } finally {
      await chromium.stop();
    }
  });

  test('a page that is open when another version is put in its place goes on as it was; the next visit is the new one, also without a network', async () => {
    const own = await servePage('models/digits');
    const between = await startFaultyHost(own.url);
    const chromium = await startChromium();
    try {
      const old = await openDemo(chromium.browser, between.url);
      await old.page.locator('#facts', { hasText: 'Checked' }).waitFor();
      await old.page.evaluate(() => navigator.serviceWorker.ready);
      await old.page.reload();
      await old.page.locator('#facts', { hasText: 'Checked' }).waitFor();
      const kept = () =>
        old.page.evaluate(() => caches.keys().then((names) => names.filter((name) => /page/.test(name))));
      const [oldCache] = await kept();
      await deployNextVersion(own.folder);

      // Its panels come from what it kept: on the server they have other names now.
      await old.page.evaluate(() => (location.hash = '#matrix'));
      await old.page.locator('.cell').first().waitFor();
      expect(await old.page.title()).not.toContain('next version');
      expect(old.complaints).toEqual([]);

      // A visit beside it is the new page, whose service worker waits for the old page to close.
      const next = await openDemo(chromium.browser, between.url);
      await eventually(() => next.page.title()).toContain('next version');
      await eventually(kept).toHaveLength(2);
      await next.page.evaluate(() => (location.hash = '#matrix'));
      await next.page.locator('.cell').first().waitFor();
      expect(next.complaints).toEqual([]);
      await old.page.close();
      await next.page.close();

      // Chromium lets the waiting one begin a moment after the last page of the old one is closed.
      await eventually(async () => {
        const visit = await openDemo(chromium.browser, between.url);
        const names = await visit.page.evaluate(() => caches.keys());
        await visit.page.close();
        return names;
      }).not.toContain(oldCache);
      const last = await openDemo(chromium.browser, between.url);
      await between.stop();
      await last.page.reload();
      await last.page.locator('#opening').waitFor({ state: 'hidden' });
      await eventually(() => last.page.title()).toContain('next version');
      await eventually(last.score).toBeGreaterThan(0.5);
    } finally {
      await chromium.stop();
      await between.stop();
      await own.stop();
    }
  });

  test('a folder of plain files is enough, below a path too: with threads, without REST, with the same policy', async () => {
    const page = await buildPage('static');
    stops.push(page.remove);
    const runtime =
      (await readdir(join(page.folder, 'assets'))).find((file) => /^ort-.*threaded-[^.]*\.wasm$/.test(file)) ?? '';
    const bytesOf = async (ending: string) => (await stat(join(page.folder, 'assets', runtime + ending))).size;
    expect(await bytesOf('.br')).toBeLessThan(0.2 * (await bytesOf(''))); // for hosts that send what is compressed
    const plain = await startPlainHost(page.folder);
    const chromium = await startChromium();
    try {
      const demo = await openDemo(chromium.browser, plain.url);
      // It loads once more when the service worker is there; on a slow machine not on the first visit.
      const isIsolated = () => demo.page.evaluate(() => crossOriginIsolated).catch(() => false);
      await expect
        .poll(isIsolated, { timeout: 15_000 })
        .toBe(true)
        .catch(() => demo.page.reload());
      await eventually(isIsolated).toBe(true);
      await demo.page.locator('#opening').waitFor({ state: 'hidden' });
      await eventually(demo.score).toBeGreaterThanOrEqual(0);
      await eventually(() => demo.text('facts')).toMatch(/threads/);
      expect(await demo.page.locator('a[href$=docs]').count()).toBe(0);
      await demo.page.click('text=Under the hood');
      await eventually(() => demo.page.locator('.copies button').allTextContents()).toEqual(['Copy as link']);
      expect(await demo.page.locator('#backend option').allTextContents()).not.toContain('This server, by REST');
      const [worker] = demo.page.workers().filter((worker) => /\/worker-/.test(worker.url()));
      const send = () => fetch('http://127.0.0.1:9/', { method: 'POST', mode: 'no-cors' }).catch(String);
      expect(await worker?.evaluate(send)).toMatch(/Failed to fetch/);
      const violated = await demo.page.evaluate(
        () =>
          new Promise((resolve) => {
            addEventListener('securitypolicyviolation', (event) => resolve(Reflect.get(event, 'effectiveDirective')));
            fetch('http://127.0.0.1:9/').catch(() => {});
          }),
      );
      expect(violated).toBe('connect-src');
    } finally {
      await chromium.stop();
      await plain.stop();
    }
  });

  test('an answer stands there before the model does: the one that the server gives', async () => {
    const chromium = await startChromium();
    host.faults.set('.wasm', 'stall');
    try {
      const page = await chromium.browser.newPage();
      await page.goto(host.url);
      await page.locator('#verdict[data-foretold]').waitFor();
      const score = await page.locator('#score-meter').evaluate((meter: HTMLMeterElement) => meter.value);
      const form = new FormData();
      const manifest = parseManifest(await readFile('models/digits/manifest.json', 'utf8'), 'digits');
      const { picture, sound } = samplePairs(samplesOf(manifest))[0] as Pair; // what the page opens with
      for (const [field, { file }] of [
        ['image', picture],
        ['audio', sound],
      ] as const) {
        form.set(field, new Blob([await readFile(`models/digits/${file}`)]), file);
      }
      const answer = await (await fetch(`${url}v1/correspondence`, { method: 'POST', body: form })).json();
      expect(Math.abs(score - (answer as { score: number }).score)).toBeLessThan(1e-3);
    } finally {
      host.faults.clear();
      await chromium.stop();
    }
  });
});
