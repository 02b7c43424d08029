import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeAudio } from '#core/media/audio.ts';
import { readManifest } from '#node/bundle/readManifest.ts';
import { extendBundle } from '../../export/export.ts';
import { samplesReport } from '../../export/report.ts';
import { writeSamples } from '../../export/samples/writeSamples.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clapper-examples-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a bundle takes examples in place of those it had, and its card says whom to credit', {
  timeout: 60_000,
}, async () => {
  const bundle = join(folder, 'bundle');
  const examples = join(folder, 'examples');
  await cp('models/digits', bundle, { recursive: true });
  await cp('datasets/nature-examples', examples, { recursive: true });
  const list = JSON.parse(await readFile(join(examples, 'examples.json'), 'utf8'));
  list.sounds.length = list.pictures.length = 1;
  await writeFile(join(examples, 'examples.json'), JSON.stringify(list));
  const notesFile = join(folder, 'notes.md');
  await writeFile(notesFile, 'Notes of another day.');
  await extendBundle({ bundle, out: bundle, examples, notesFile, variants: undefined });

  const { examples: named } = await readManifest(bundle);
  expect(named?.sounds.map(({ sha256, bytes, ...said }) => said)).toEqual(list.sounds);
  const files = await readdir(bundle);
  expect(files).toContain('sound-dog-1.ogg');
  expect(files.filter((file) => /^(spoken|written)-/.test(file))).toEqual([]);
  expect(await readFile(join(bundle, 'MODEL_CARD.md'), 'utf8')).toContain('by qubodup');
  expect(await readFile(join(bundle, 'MODEL_CARD.md'), 'utf8')).toMatch(/\nNotes of another day\.\n$/);
});

test.each(['match.onnx', 'manifest.json', 'golden.int8.json', 'MODEL_CARD.md', 'CREDITS.md'])(
  'an example called %s, as a file that bundles or samples have, is refused',
  async (file) => {
    const examples = await mkdtemp(join(folder, 'named-'));
    await writeFile(join(examples, file), 'RIFF');
    const sounds = [{ file, title: 'A sound', subject: 'dog' }];
    await writeFile(join(examples, 'examples.json'), JSON.stringify({ sounds, pictures: [] }));
    const out = join(folder, 'never');
    await expect(extendBundle({ bundle: 'models/digits', out, examples, variants: undefined })).rejects.toThrow(file);
  },
);

test('samples says what to do next also where a bundle has sounds alone', () => {
  const written = { bundle: 'b', folder: 's/b', sounds: ['s/b/dog.wav'], pictures: [] };
  expect(samplesReport([written])).toContain('npx clapper embed --bundle b --audio s/b/dog.wav\n');
});

test('a folder without a list, and a list without its file, are refused by name', async () => {
  const examples = await mkdtemp(join(folder, 'none-'));
  const add = () =>
    extendBundle({ bundle: 'models/digits', out: join(folder, 'never'), examples, variants: undefined });
  await expect(add()).rejects.toThrow(/hold examples\.json/);
  const described = { file: 'gone.ogg', title: 'Gone', subject: 'dog' };
  await writeFile(join(examples, 'examples.json'), JSON.stringify({ sounds: [described], pictures: [] }));
  await expect(add()).rejects.toThrow(/gone\.ogg but it does not exist/);
});

test('samples writes the published bundles’ examples: sounds and pictures that decode, each with credit and licence', async () => {
  const out = join(folder, 'samples');
  const bundles = ['models/digits', 'models/nature'];
  const written = await writeSamples(bundles, out);
  expect(await writeSamples(bundles, out)).toEqual(written); // again: nothing is lost
  for (const [i, { sounds, pictures }] of written.entries()) {
    const { examples } = await readManifest(bundles[i] as string);
    for (const { credit, licence } of [...(examples?.sounds ?? []), ...(examples?.pictures ?? [])]) {
      expect(credit?.length).toBeGreaterThan(5);
      expect(licence).toMatch(/^CC/);
    }
    for (const sound of sounds) {
      const waveform = await decodeAudio(await readFile(sound), { sampleRate: 16_000, maxSeconds: 60 });
      expect(
        waveform.some((value) => Math.abs(value) > 0.01),
        sound,
      ).toBe(true);
    }
    for (const picture of pictures) expect((await sharp(picture).stats()).entropy, picture).toBeGreaterThan(0.5);
  }
  await writeFile(join(out, 'digits', 'written-0-1.png'), 'mine');
  await expect(writeSamples(bundles, out)).rejects.toThrow(/would be lost/);
});
