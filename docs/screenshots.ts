/** Takes the README's pictures of the page: `npm run build && npx tsx docs/screenshots.ts` · half a minute; wants Chromium. */
import sharp from 'sharp';
import { startChromium } from '../test/e2e/support/chromium.ts';
import { startServer } from '../test/e2e/support/server.ts';

const views = [
  { file: 'page.png', width: 1280, height: 1120, colorScheme: 'light', query: '?model=nature' },
  { file: 'page-dark.png', width: 1280, height: 1120, colorScheme: 'dark', query: '?model=digits' },
  { file: 'page-phone.png', width: 390, height: 844, colorScheme: 'light', query: '?model=nature' },
] as const;

const server = await startServer(['models/nature', 'models/digits']);
const { browser, stop } = await startChromium();
for (const { file, width, height, colorScheme, query } of views) {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  await page.goto(server.url + query);
  await page.locator('#facts', { hasText: 'Checked' }).waitFor({ timeout: 120_000 });
  await page.locator('#spectrogram').waitFor();
  const picture = await page.screenshot();
  await sharp(picture)
    .png({ palette: true })
    .toFile(new URL(file, import.meta.url).pathname); // a third of the bytes
  await page.close();
}
await stop();
await server.stop();
