import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { picture, put, tone } from '../../prepare/support/media.ts';
import { prepare } from '../../prepare/support/prepare.ts';
import { tinySpectrogram } from './tinySpectrogram.ts';

/** Makes a dataset of eight colours, each with its own pitch. @param sampleRate Hz. */
export async function preparePairs(
  out: string,
  { clips, sampleRate = 8000 }: { clips: number; sampleRate?: number },
): Promise<void> {
  const collection = `${out}-collection`;
  for (let i = 0; i < clips; i++) {
    const stem = join(collection, `clip-${i}`);
    put(`${stem}.jpg`, await picture(`hsl(${(i % 8) * 45}, 90%, ${40 + (i % 3) * 10}%)`, { width: 40, height: 30 }));
    put(`${stem}.wav`, tone({ hz: 200 * 1.4 ** (i % 8), seconds: 2, sampleRate, loudness: 0.3, rhythm: i }));
  }
  await prepare({
    kind: 'flickr-soundnet',
    from: [collection],
    out,
    settings: { sampleRate, shortSide: 32, heldOut: 0.2 },
  });
  rmSync(collection, { recursive: true });
}

/** Of a small run of the preset `small` on it. */
export function preparedSettings(data: string): string[] {
  return [
    `data.folder=${data}`,
    ...tinySpectrogram,
    'pictureSize=28',
    'pictureShortSide=32',
    'audioGrid=[1,1]',
    'imageGrid=[1,1]',
  ];
}
