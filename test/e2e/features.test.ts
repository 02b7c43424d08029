import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContext } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseManifest } from '#core/bundle/manifest.ts';
import { digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { chromiumPath, noChromium } from './support/chromium.ts';
import { openDemo } from './support/demo.ts';
import { eventually } from './support/eventually.ts';
import { visitPage } from './support/visitPage.ts';

const run = promisify(execFile);

if (!chromiumPath) console.warn(`${noChromium}. The tests of the page's features are skipped.`);

const nature = parseManifest(readFileSync('models/nature/manifest.json', 'utf8'), 'nature');

/** What the command line says of the same files. */
async function scoreByCommand(bundle: string, sound: string, picture: string): Promise<number> {
  const place = (file: string) => join('models', bundle, file);
  const command = [
    'bin/clapper.mjs',
    'match',
    '--bundle',
    `models/${bundle}`,
    '--audio',
    place(sound),
    '--image',
    place(picture),
    '--json',
  ];
  return JSON.parse((await run(process.execPath, command)).stdout).score;
}

const natureSounds = nature.examples?.sounds ?? [];
const digits = parseManifest(readFileSync('models/digits/manifest.json', 'utf8'), 'digits');

describe.skipIf(!chromiumPath)("the page's features", { timeout: 400_000 }, () => {
  const stops: (() => unknown)[] = [];
  let url: string;
  let browser: BrowserContext;

  beforeAll(async () => {
    const visit = await visitPage(['models/nature', 'models/digits'], { camera: 'allowed', webGpu: true });
    stops.push(visit.stop);
    ({ url, browser } = visit);
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  /** What the server says of examples of models/nature. */
  async function post(route: string, files: Record<string, string[]>): Promise<Record<string, unknown>> {
    const form = new FormData();
    form.set('model', 'nature');
    for (const [field, names] of Object.entries(files)) {
      for (const name of names) form.append(field, new Blob([await readFile(join('models/nature', name))]), name);
    }
    return (await fetch(`${url}${route}`, { method: 'POST', body: form })).json() as Promise<Record<string, unknown>>;
  }

  test('a pair of examples stands judged when the page opens, and a press judges another as the command line does', async () => {
    const demo = await openDemo(browser, url);
    await eventually(demo.score).toBeGreaterThan(0);
    await eventually(() => demo.text('explanation')).toContain(
      `right on ${Math.round(10 * (nature.variants.fp32.metrics.accuracy ?? 0))} of 10 test pairs`,
    );
    const picture = nature.examples?.pictures[1];
    const card = demo.page.locator('.pair').nth(1);
    const [title] = /Sound: .*\./.exec((await card.getAttribute('title')) ?? '') ?? [];
    const heard = nature.examples?.sounds.find((sound) => title?.includes(sound.title));
    expect([picture, heard].every(Boolean)).toBe(true);
    await card.click();
    await eventually(() => demo.page.locator('#photo').getAttribute('alt')).toBe(picture?.title);
    const expected = await scoreByCommand('nature', heard?.file ?? '', picture?.file ?? '');
    await eventually(async () => Math.abs((await demo.score()) - expected)).toBeLessThan(0.02);
    expect(demo.complaints).toEqual([]);
  });

  test('a photo is dropped, another pasted, a third taken by the camera; what is neither photo nor sound is said', async () => {
    const { page, text, complaints } = await openDemo(browser, url);
    const give = (kind: 'drop' | 'paste', name: string, type: string) =>
      page.evaluate(
        async ([kind, name, type, source]) => {
          const bytes = await (await fetch(source as string)).blob();
          const data = new DataTransfer();
          data.items.add(new File([bytes], name as string, { type: type as string }));
          const event =
            kind === 'drop'
              ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
              : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
          document.body.dispatchEvent(event);
        },
        [kind, name, type, `models/nature/${nature.examples?.pictures[3]?.file}`],
      );
    const shown = () => page.locator('#photo').getAttribute('alt');
    await give('drop', 'dropped.jpg', 'image/jpeg');
    await eventually(shown).toBe('dropped.jpg');
    await give('paste', 'pasted.jpg', 'image/jpeg');
    await eventually(shown).toBe('pasted.jpg');
    await page.click('#camera');
    await page.click('#take-photo');
    await eventually(shown).toBe('your photo');
    await give('drop', 'notes.txt', 'text/plain');
    await eventually(() => text('page-error')).toContain('“notes.txt” is neither a picture nor a sound');
    expect(complaints).toEqual([]);
  });

  test('the matrix holds what each pair scores alone, and marks the best of each row', async () => {
    const demo = await openDemo(browser, `${url}?model=nature#matrix`);
    await eventually(() => demo.page.locator('.cell').count()).toBe(36);
    await eventually(() => demo.page.locator('.cell.best').count()).toBe(6);
    const rows = await demo.page.locator('#matrix tbody tr').evaluateAll((rows) =>
      rows.map((row) =>
        [...row.querySelectorAll<HTMLElement>('.cell')].map((cell) => ({
          score: Number(cell.dataset.score),
          isBest: cell.classList.contains('best'),
        })),
      ),
    );
    for (const row of rows)
      expect(row.find(({ isBest }) => isBest)?.score).toBe(Math.max(...row.map(({ score }) => score)));
    const [sound, picture] = [nature.examples?.sounds[0], nature.examples?.pictures[0]];
    const alone = await scoreByCommand('nature', sound?.file ?? '', picture?.file ?? '');
    expect(Math.abs((rows[0]?.[0]?.score as number) - alone)).toBeLessThan(0.02);
    await demo.page.locator('.cell').first().hover();
    expect(demo.complaints).toEqual([]);
  });

  test('the same picture is the best for a sound, and the same class read, as the command line and the server say', async () => {
    const demo = await openDemo(browser, `${url}?model=nature#matrix`);
    await eventually(() => demo.page.locator('.cell').count()).toBe(36);
    const scores = await demo.page
      .locator('#matrix tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll<HTMLElement>('.cell')].map((cell) => Number(cell.dataset.score))),
      );
    const first = (examples: typeof natureSounds) =>
      [...new Map(examples.toReversed().map((example) => [example.subject, example])).values()].reverse().slice(0, 6);
    const [sounds, pictures] = [first(natureSounds), first(nature.examples?.pictures ?? [])];
    const best = (row: readonly number[]) => row.indexOf(Math.max(...row));
    // The command line of one sound with every picture; the server of all of them at once.
    const byCommand: number[] = [];
    for (const { file } of pictures) byCommand.push(await scoreByCommand('nature', sounds[2]?.file ?? '', file));
    expect(best(scores[2] as number[])).toBe(best(byCommand));
    for (const [i, score] of byCommand.entries())
      expect(Math.abs((scores[2]?.[i] as number) - score)).toBeLessThan(0.02);
    const asked = await post('v1/correspondence/matrix', {
      audio: sounds.map(({ file }) => file),
      image: pictures.map(({ file }) => file),
    });
    const byServer = asked.scores as number[][]; // [images][sounds]
    for (const [row, shown] of scores.entries()) {
      expect(best(shown)).toBe(best(byServer.map((of) => of[row] as number)));
    }
    await demo.page.evaluate(() => (location.hash = '#match'));
    for (const subject of ['rooster', 'rain', 'helicopter']) {
      const sound = natureSounds.find((example) => example.subject === subject)?.file ?? '';
      await demo.page.locator('#sound-samples button', { hasText: subject }).click();
      const { classifications } = (await post('v1/classify/audio', { audio: [sound] })) as {
        classifications: { classes: { label: string }[] }[];
      };
      await eventually(() => demo.reading('sound')).toContain(
        `hears ${classifications[0]?.classes[0]?.label.replaceAll('_', ' ')},`,
      );
    }
    expect(demo.complaints).toEqual([]);
  });

  test('what is like nothing it learnt is not judged: a stripy picture and a rising tone', async () => {
    const demo = await openDemo(browser, `${url}?model=nature`);
    await eventually(demo.score).toBeGreaterThan(0);
    const stripes = Uint8Array.from({ length: 3 * 128 * 128 }, (_, i) => (Math.floor(i / (3 * 128)) % 8 < 4 ? 255 : 0));
    await demo.open(
      'picture',
      await sharp(stripes, { raw: { width: 128, height: 128, channels: 3 } })
        .png()
        .toBuffer(),
    );
    await eventually(() => demo.text('headline')).toBe('I do not know such a picture');
    const rate = 44_100;
    const tone = Float32Array.from(
      { length: 5 * rate },
      (_, n) => 0.8 * Math.sin((2 * Math.PI * (20 + (800 * n) / rate) * n) / rate),
    );
    await demo.open('sound', encodeWav(tone, rate));
    await eventually(() => demo.text('headline')).toBe('I know neither');
    await eventually(() => demo.text('explanation')).toContain(
      'Nothing it learnt from is like this sound or this picture',
    );
    await demo.page.locator('.pair').first().click();
    await eventually(() => demo.text('headline')).toContain('match');
    expect(demo.complaints).toEqual([]);
  });

  test('a part of a long sound is chosen by dragging, and judged as the server judges that part', async () => {
    const demo = await openDemo(browser, `${url}?model=digits&picture=written-8-1.png`);
    const rate = digitsSampleRate;
    const { recordings } = await readDigits((file) => readFile(`datasets/digits/${file}`), 'test');
    const sound = new Float32Array(4 * rate);
    for (const [i, name] of ['3_george_0', '8_george_0', '5_george_0'].entries()) {
      sound.set(
        recordings.find((recording) => recording.name === name)?.waveform as Float32Array,
        (0.3 + 1.3 * i) * rate,
      );
    }
    await demo.open('sound', encodeWav(sound, rate));
    await demo.page.locator('#window').waitFor();
    await eventually(() => demo.page.locator('#window').getAttribute('aria-valuemax')).not.toBe('0.00');
    const track = await demo.page.locator('.track').boundingBox();
    if (!track) throw new Error('The waveform is not to be seen.');
    const at = (seconds: number) => track.x + (track.width * seconds) / 4;
    await demo.page.mouse.move(at(0.6), track.y + 20);
    await demo.page.mouse.down();
    await demo.page.mouse.move(at(1.2), track.y + 20, { steps: 4 });
    await demo.page.mouse.move(at(2), track.y + 20, { steps: 4 });
    await demo.page.mouse.up();
    const from = Number(await demo.page.locator('#window').getAttribute('aria-valuenow'));
    const { samples } = digits.input.audio as { samples: number };
    expect(Math.abs(from - (2 - samples / rate / 2))).toBeLessThan(0.02); // its middle is where the pointer was let go
    const start = Math.round(from * rate);
    const form = new FormData();
    form.set('audio', new Blob([encodeWav(sound.slice(start, start + samples), rate) as BlobPart]), 'part.wav');
    form.set('image', new Blob([await readFile('models/digits/written-8-1.png')]), 'picture.png');
    form.set('model', 'digits');
    const answer = (await (await fetch(`${url}v1/correspondence`, { method: 'POST', body: form })).json()) as {
      score: number;
    };
    expect(answer.score).toBeGreaterThan(0.5);
    await eventually(async () => Math.abs((await demo.score()) - answer.score)).toBeLessThan(5e-3); // the link has two decimals of a second
    await eventually(() => demo.reading('sound')).toContain('hears 8');
    await demo.page.click('text=Under the hood');
    await demo.page.click('#copy-curl');
    await eventually(() => demo.text('copy-note')).toContain('asks about the whole sound, not the part');
    expect(demo.complaints).toEqual([]);
  });

  test('a part of a long sound is chosen by keyboard, and judged alone', async () => {
    const demo = await openDemo(browser, `${url}?model=digits`);
    await demo.pick('picture', 3);
    await demo.open('sound', readFileSync('models/digits/spoken-8-lucas.wav'));
    await eventually(() => demo.text('sound-error')).toBe('');
    await demo.page.locator('#window').waitFor();
    await demo.page.focus('#window');
    await demo.page.keyboard.press('End');
    await eventually(() => demo.page.locator('#window').getAttribute('aria-valuetext')).toMatch(
      /^0\.1 to 1\.1 s|^0\.2 to 1\.2 s|^\d/,
    );
    await eventually(() => demo.page.locator('#whole').isVisible()).toBe(true);
    await demo.page.keyboard.press('Escape');
    await eventually(() => demo.page.locator('#whole').isVisible()).toBe(false);
    await demo.page.keyboard.press('ArrowRight');
    await demo.page.press('#whole', 'Enter');
    await eventually(() => demo.page.evaluate(() => document.activeElement?.id)).toBe('window'); // the button is gone
    expect(demo.complaints).toEqual([]);
  });

  test('every way to run it gives the same numbers: threads, one thread, WebGPU in software, the server', async () => {
    const demo = await openDemo(browser, `${url}?model=digits`);
    await eventually(demo.score).toBeGreaterThan(0);
    await demo.page.click('text=Under the hood');
    await demo.page.click('#compare');
    const row = (backend: string) => demo.page.locator(`#comparison [data-backend="${backend}"] td`).allTextContents();
    for (const backend of ['wasm-threads', 'wasm', 'webgpu', 'server']) {
      await eventually(() => row(backend)).toEqual([
        expect.stringMatching(/^passed, off by \d\.\de-\d$/),
        expect.stringMatching(/^[01]\.\d{6}$/),
        expect.stringMatching(/e[-+]\d+$/),
        expect.stringMatching(/ms$/),
      ]);
      const difference = Number((await row(backend))[2]);
      expect(difference).toBeLessThan(1e-3);
    }
  });

  test('a link restores examples, drawing, part, variant and backend', async () => {
    const demo = await openDemo(browser, `${url}?model=digits&variant=int8&backend=wasm&sound=spoken-7-theo.wav`);
    await demo.draw([
      [
        { x: 0.3, y: 0.24 },
        { x: 0.7, y: 0.22 },
        { x: 0.48, y: 0.82 },
      ],
    ]);
    await eventually(demo.score).toBeGreaterThan(0.5);
    const score = await demo.score();
    await eventually(() => demo.text('facts')).toContain('int8, run by WebAssembly, 1 thread');
    await demo.page.click('text=Under the hood');
    await demo.page.click('#copy-curl');
    await eventually(() => demo.page.locator('#copied').inputValue()).toContain("-F 'audio=@spoken-7-theo.wav'");
    await demo.page.click('#copy-link');
    await eventually(() => demo.page.locator('#copied').inputValue()).toContain('?model=digits');
    const link = await demo.page.locator('#copied').inputValue();
    const again = await openDemo(browser, link);
    await eventually(async () => Math.abs((await again.score()) - score)).toBeLessThan(1e-3);
    expect(await again.text('facts')).toContain('int8');
    expect(demo.complaints.concat(again.complaints)).toEqual([]);
  });

  test('what is copied as curl and as fetch asks the server for the score that the page shows', async () => {
    const demo = await openDemo(browser, `${url}?model=digits&sound=spoken-7-theo.wav&picture=written-7-1.png`);
    await eventually(demo.score).toBeGreaterThan(0);
    const score = await demo.score();
    await demo.page.click('text=Under the hood');
    const folder = mkdtempSync(join(tmpdir(), 'clapper-copied-'));
    try {
      await demo.page.click('#copy-fetch');
      await eventually(() => demo.page.locator('#copied').inputValue()).toContain('FormData');
      const code = await demo.page.locator('#copied').inputValue();
      const byFetch = (await run(process.execPath, ['--input-type=module', '-e', code])).stdout;
      expect(Number(byFetch)).toBeCloseTo(score, 3);
      await demo.page.click('#copy-curl');
      await eventually(() => demo.page.locator('#copied').inputValue()).toContain('curl');
      const byCurl = (await run('bash', ['-c', await demo.page.locator('#copied').inputValue()], { cwd: folder }))
        .stdout;
      expect(JSON.parse(byCurl).score).toBeCloseTo(score, 3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
