import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { digitImageSize, digitsSampleRate, readDigits } from '#core/datasets/digits.ts';
import { encodeWav } from '#core/media/encodeWav.ts';

/** A spoken and a handwritten 3 of the test part, as the files that a client sends. */
export async function provideDigitFiles(folder: string): Promise<{ audio: string; image: string }> {
  const dataset = fileURLToPath(new URL('../../datasets/digits/', import.meta.url));
  const { recordings, images } = await readDigits((file) => readFile(join(dataset, file)), 'test');
  const spoken = recordings.find(({ digit }) => digit === 3);
  const written = images.find(({ digit }) => digit === 3);
  if (!spoken || !written) throw new Error('The digits have no 3.');
  await mkdir(folder, { recursive: true });
  const files = { audio: join(folder, 'spoken-3.wav'), image: join(folder, 'written-3.png') };
  await writeFile(files.audio, encodeWav(spoken.waveform, digitsSampleRate));
  const raw = { width: digitImageSize, height: digitImageSize, channels: 1 } as const;
  await sharp(written.ink, { raw }).png().toFile(files.image);
  return files;
}
