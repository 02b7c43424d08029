import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseManifest } from '#core/bundle/manifest.ts';
import { sortFiles } from '../../web-demo/intake.ts';

const sounds = new URL('../fixtures/sounds/', import.meta.url);
const nature = new URL('../../models/nature/', import.meta.url);
/** As the browser gives it where the system does not know the name's ending. */
const nameless = (bytes: Uint8Array) => new File([bytes as BlobPart], 'something');

test('a sound in any format that is decoded is known by its first bytes, a picture too', async () => {
  for (const file of (await readdir(sounds)).filter((name) =>
    /\.(wav|flac|mp3|ogg|opus|m4a|mp4|webm|mkv)$/.test(name),
  )) {
    const { sounds: heard } = await sortFiles([nameless(await readFile(new URL(file, sounds)))]);
    expect(heard, file).toHaveLength(1);
  }
  const wav = await readFile(new URL('tone.wav', sounds));
  for (const long of ['RF64', 'BW64']) {
    const { sounds: heard } = await sortFiles([nameless(Buffer.concat([Buffer.from(long), wav.subarray(4)]))]);
    expect(heard, long).toHaveLength(1);
  }
  const { examples } = parseManifest(readFileSync(new URL('manifest.json', nature), 'utf8'), 'nature');
  const { pictures } = await sortFiles([nameless(await readFile(new URL(examples?.pictures[0]?.file ?? '', nature)))]);
  expect(pictures).toHaveLength(1);
});

test('what is neither is said to be neither', async () => {
  const { others } = await sortFiles([nameless(Buffer.from('%PDF-1.7 anything')), nameless(new Uint8Array(0))]);
  expect(others).toHaveLength(2);
});
