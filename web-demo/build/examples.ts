import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';
import { digitImageSize, digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import type { Example, Examples } from '../examples.ts';
import { encodePng } from './png.ts';

/** How many examples of each digit the page offers: the first of the test part, never heard or seen in training. */
const perDigit = 3;

/** Adds `examples/`: sounds and pictures from a digits dataset, and `examples.json`, the list of them. */
export function examples(dataset: string): Plugin {
  let files: Map<string, Uint8Array>;
  return {
    name: 'clapper-examples',
    async buildStart() {
      files = await makeExamples(dataset);
    },
    generateBundle() {
      for (const [fileName, source] of files) this.emitFile({ type: 'asset', fileName, source });
    },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const file = files.get((request.url ?? '').slice(1));
        if (file) response.end(file);
        else next();
      });
    },
  };
}

async function makeExamples(dataset: string): Promise<Map<string, Uint8Array>> {
  const { recordings, images } = await readDigits((file) => readFile(`${dataset}/${file}`), 'test');
  const files = new Map<string, Uint8Array>();
  const list: Examples = { sounds: [], pictures: [] };
  for (let digit = 0; digit < 10; digit++) {
    const sounds = onePerSpeaker(recordings.filter((recording) => recording.digit === digit));
    for (let i = 0; i < perDigit; i++) {
      const { name, speaker, waveform } = sounds[(digit + i) % sounds.length] as (typeof sounds)[0]; // all speakers have their turn
      const example: Example = { digit, by: speaker, file: `examples/${name}.wav` };
      list.sounds.push(example);
      files.set(example.file, encodeWav(waveform, digitsSampleRate));
    }
    for (const [i, { ink }] of images
      .filter((image) => image.digit === digit)
      .slice(0, perDigit)
      .entries()) {
      const example: Example = { digit, by: null, file: `examples/${digit}-${i + 1}.png` };
      list.pictures.push(example);
      files.set(example.file, encodePng(ink, { width: digitImageSize, height: digitImageSize }));
    }
  }
  files.set('examples/examples.json', Buffer.from(JSON.stringify(list)));
  return files;
}

function onePerSpeaker<R extends { speaker: string }>(recordings: R[]): R[] {
  return [...new Map(recordings.toReversed().map((recording) => [recording.speaker, recording])).values()];
}
