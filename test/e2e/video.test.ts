import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, noChromium, startChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { servePage } from './support/servePage.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
if (!chromiumPath || !hasFfmpeg)
  console.warn(`${chromiumPath ? 'No FFmpeg' : noChromium}. The test of videos is skipped.`);

const eventually = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 120_000 });

describe.skipIf(!chromiumPath || !hasFfmpeg)('a video', { timeout: 240_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  const folder = mkdtempSync(join(tmpdir(), 'clapper-video-'));
  stops.push(() => rmSync(folder, { recursive: true }));

  beforeAll(async () => {
    const page = await servePage('models/nature');
    stops.push(page.stop);
    url = page.url;
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  test('is judged over time with its own sound and another, as the server judges frame and sound; another file is refused', async () => {
    const file = join(folder, 'rooster.webm');
    const [picture, sound] = ['models/nature/picture-rooster-2.jpg', 'models/nature/sound-rooster-1.ogg'];
    const made = spawnSync('ffmpeg', [
      ...['-y', '-loglevel', 'error', '-loop', '1', '-r', '10', '-i', picture, '-i', sound, '-t', '5'],
      ...['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2', '-c:v', 'libvpx', '-b:v', '2M', '-c:a', 'libopus', file],
    ]);
    expect(made.stderr.toString()).toBe('');
    const chromium = await startChromium();
    stops.push(chromium.stop);
    const demo = await openDemo(chromium.browser, url);
    await demo.page.evaluate(() => (location.hash = '#video'));
    await demo.page.selectOption('#video-other', { label: 'A chainsaw' });
    await demo.page.setInputFiles('#video-file', file);
    await eventually(() => demo.text('video-said')).toBe('Judged at 10 times.');
    const [own, other] = (await demo.text('video-means')).match(/[\d.]+(?= ?%)/g)?.map(Number) ?? [];
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

    const broken = join(folder, 'broken.webm');
    writeFileSync(broken, 'not a video');
    await demo.page.setInputFiles('#video-file', broken);
    await eventually(() => demo.text('video-error')).toContain('cannot show this video');
  });
});
