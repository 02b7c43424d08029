import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPage } from './support/buildPage.ts';
import { chromiumPath, noChromium, startChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { startServer } from './support/server.ts';

if (!chromiumPath) console.warn(`${noChromium}. The tests of how the page is delivered are skipped.`);

describe.skipIf(!chromiumPath)('how the page is delivered', { timeout: 120_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let browser: BrowserContext;

  beforeAll(async () => {
    const page = await buildPage();
    stops.push(page.remove);
    const server = await startServer('models/digits', '--page', page.folder);
    stops.push(server.stop);
    url = server.url;
    const chromium = await startChromium();
    stops.push(chromium.stop);
    browser = chromium.browser;
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
});
