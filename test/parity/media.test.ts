import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { build, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { prepareImage } from '#core/media/image.ts';
import demo from '../../web-demo/vite.config.ts';
import { chromiumPath, noChromium, startChromium } from '../e2e/support/chromium.ts';
import type { Decode } from './support/media-page/main.ts';

if (!chromiumPath) console.warn(`${noChromium}. The comparison of media in Node and browser is skipped.`);

const sounds = fileURLToPath(new URL('../fixtures/sounds/', import.meta.url));
const pictures = fileURLToPath(new URL('../fixtures/pictures/', import.meta.url));

describe.skipIf(!chromiumPath)('the browser decodes to the very numbers of Node', () => {
  const stops: (() => unknown)[] = [];
  let page: Page;

  beforeAll(async () => {
    const outDir = await mkdtemp(join(tmpdir(), 'clapper-media-page-'));
    stops.push(() => rm(outDir, { recursive: true }));
    const config = {
      configFile: false as const,
      logLevel: 'error' as const,
      root: fileURLToPath(new URL('support/media-page', import.meta.url)),
      build: { outDir, emptyOutDir: true, target: 'es2022' },
      worker: demo.worker ?? {},
    };
    await build(config);
    const server = await preview({ ...config, preview: { host: '127.0.0.1', port: 0 } });
    stops.push(() => server.close());
    const chromium = await startChromium();
    stops.push(chromium.stop);
    page = await chromium.browser.newPage();
    await page.goto(server.resolvedUrls?.local[0] as string);
    await page.waitForFunction(() => 'decode' in globalThis);
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  const inBrowser = (question: Parameters<Decode>[0]) =>
    page.evaluate((asked) => (globalThis as unknown as { decode: Decode }).decode(asked), question);

  test.each(readdirSync(sounds, { encoding: 'utf8', recursive: true }).filter((name) => /\.(?!py)\w+$/.test(name)))(
    '%s',
    async (name) => {
      const bytes = new Uint8Array(await readFile(sounds + name));
      const options = { sampleRate: 11_025 };
      expect(await inBrowser({ audio: Array.from(bytes), options })).toEqual(
        Array.from(await decodeAudio(bytes, options)),
      );
    },
  );

  test('a resized picture', async () => {
    const input = { width: 28, height: 28, shortSide: 28 };
    const { data, info } = await sharp(`${pictures}waves.png`)
      .ensureAlpha(0.5)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const size = { width: info.width, height: info.height };
    const ours = prepareImage({ data, ...size }, input);
    expect(await inBrowser({ pixels: { data: Array.from(data), ...size }, input })).toEqual(Array.from(ours));
  });
});
