import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { digitImageSize, digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import { makeWav } from '../../core/media/support/makeWav.ts';

/** The test part of the digits, as the files that people have. */
export interface DigitFiles {
  pairs: { recording: number; image: number; corresponds: boolean }[];
  /** A wav file. */
  sound(recording: number): Uint8Array;
  /** A PNG file. */
  picture(image: number): Promise<Uint8Array>;
  /** A sound and a picture of each digit. */
  spoken: Uint8Array[];
  written: Uint8Array[];
}

export async function readDigitFiles(): Promise<DigitFiles> {
  const { recordings, images, pairs } = await readDigits((file) => readFile(`datasets/digits/${file}`), 'test');
  const sound = (i: number) => {
    return makeWav({ channels: [recordings[i]?.waveform as Float32Array], sampleRate: digitsSampleRate });
  };
  const picture = async (i: number) => {
    const raw = { width: digitImageSize, height: digitImageSize, channels: 1 } as const;
    return new Uint8Array(
      await sharp(images[i]?.ink as Uint8Array, { raw })
        .png()
        .toBuffer(),
    );
  };
  const digits = Array.from({ length: 10 }, (_, digit) => digit);
  return {
    pairs,
    sound,
    picture,
    spoken: digits.map((digit) => sound(recordings.findIndex((recording) => recording.digit === digit))),
    written: await Promise.all(digits.map((digit) => picture(images.findIndex((image) => image.digit === digit)))),
  };
}
