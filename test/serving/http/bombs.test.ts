import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodePng } from '../../../export/examples/png.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { asking } from '../support/ask.ts';
import { readDigitFiles } from '../support/digits.ts';

// Small files that would fill memory or time: each costs its sender a 413 or 422 with what to do, and the server nothing that lasts.

let app: TestApp;
let good: { audio: Uint8Array; image: Uint8Array };
const { ask } = asking((path, init) => app.fetch(path, init));
beforeAll(async () => {
  app = await startApp();
  const { spoken, written } = await readDigitFiles();
  good = { audio: spoken[3] as Uint8Array, image: written[3] as Uint8Array };
});
afterAll(() => app?.stop());

async function expectRefused(fields: { audio?: Uint8Array; image?: Uint8Array }): Promise<void> {
  const { status, body } = await ask('/v1/correspondence', { ...good, ...fields });
  const { type, message } = body.error;
  expect([
    [413, 'too_large'],
    [422, 'unreadable_media'],
  ]).toContainEqual([status, type]);
  expect(message).toMatch(/\.$/); // a sentence
  expect((await ask('/v1/correspondence', good)).status).toBe(200);
}

const cases = new URL('../../../../shared/cases/decode-bombs/', import.meta.url);
const sounds = existsSync(cases) ? (await readdir(cases)).filter((name) => !name.endsWith('.md')) : [];
describe.skipIf(sounds.length === 0)('sounds', () => {
  test.each(sounds)('%s', async (name) => {
    await expectRefused({ audio: new Uint8Array(await readFile(new URL(name, cases))) });
  });
});

describe('pictures', () => {
  const large = { width: 9000, height: 9000 };
  const blank = (pixels: number) => new Uint8Array(pixels);

  test('81 million pixels in 80 kB', async () => {
    const image = encodePng(blank(large.width * large.height), large);
    expect(image.length).toBeLessThan(100e3);
    await expectRefused({ image });
  });

  test('a header that promises four thousand million pixels', () =>
    expectRefused({ image: withSize(encodePng(blank(100), { width: 10, height: 10 }), 65_535) }));

  test('fewer pixels than the header says', () =>
    expectRefused({ image: withSize(encodePng(blank(100), { width: 10, height: 10 }), 6000) }));
});

/** The same pixels under a header that says another size. */
function withSize(png: Buffer, side: number): Buffer {
  const header = { start: 12, end: 29 }; // its name and its 13 bytes, which the checksum behind them is of
  png.writeUInt32BE(side, header.start + 4);
  png.writeUInt32BE(side, header.start + 8);
  png.writeUInt32BE(crc32(png.subarray(header.start, header.end)), header.end);
  return png;
}
