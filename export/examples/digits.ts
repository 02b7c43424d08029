import { digitImageSize, digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import { encodeWav } from '#core/media/encodeWav.ts';
import { readFrom } from '#node/files.ts';
import type { Described, Examples } from './described.ts';
import { encodePng } from './png.ts';

/** Of each digit: the first of the test part, never heard or seen in training. */
const perDigit = 2;

const spoken = { credit: 'Free Spoken Digit Dataset, Zohar Jackson et al.', licence: 'CC BY-SA 4.0' };
const written = { credit: 'MNIST, Yann LeCun, Corinna Cortes and Christopher Burges', licence: 'CC BY-SA 3.0' };

export async function digitExamples(dataset: string): Promise<Examples> {
  const { recordings, images } = await readDigits(readFrom(dataset), 'test');
  const files = new Map<string, Uint8Array>();
  const sounds: Described[] = [];
  const pictures: Described[] = [];
  for (let digit = 0; digit < 10; digit++) {
    const subject = String(digit);
    const speakers = onePerSpeaker(recordings.filter((recording) => recording.digit === digit));
    for (let i = 0; i < perDigit; i++) {
      const { speaker, waveform } = speakers[(digit + i) % speakers.length] as (typeof speakers)[0]; // all have their turn
      const file = `spoken-${digit}-${speaker}.wav`;
      files.set(file, encodeWav(waveform, digitsSampleRate));
      sounds.push({ file, title: `${digit}, said by ${speaker}`, subject, ...spoken });
    }
    const ofDigit = images.filter((image) => image.digit === digit).slice(0, perDigit);
    for (const [i, { ink }] of ofDigit.entries()) {
      const file = `written-${digit}-${i + 1}.png`;
      files.set(file, encodePng(ink, { width: digitImageSize, height: digitImageSize }));
      pictures.push({ file, title: `${digit}, handwritten`, subject, ...written });
    }
  }
  return { sounds, pictures, files };
}

function onePerSpeaker<R extends { speaker: string }>(recordings: R[]): R[] {
  return [...new Map(recordings.toReversed().map((recording) => [recording.speaker, recording])).values()];
}
