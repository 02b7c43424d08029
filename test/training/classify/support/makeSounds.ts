import { join } from 'node:path';
import { put, tone } from '../../../prepare/support/media.ts';
import { prepare } from '../../../prepare/support/prepare.ts';

export const categories = ['low', 'middle', 'high'];

/**
 * Prepares tones of three categories in five folds, in the form of ESC-50: four a category and fold, from 200, 600 and 1800 Hz up, at
 * 8 kHz.
 *
 * @param folder of the collection and, beside it, of the dataset.
 * @returns the dataset's folder.
 */
export async function makeSounds(folder: string, { seconds = 1 } = {}): Promise<string> {
  const collection = join(folder, 'collection');
  const rows = ['filename,fold,target,category'];
  for (const [target, category] of categories.entries()) {
    for (let i = 0; i < 20; i++) {
      const file = `${(i % 5) + 1}-${i}-A-${target}.wav`;
      const hz = 200 * 3 ** target * (1 + i / 40);
      put(join(collection, 'audio', file), tone({ hz, seconds, sampleRate: 8000, loudness: 0.2 + (i % 3) * 0.2 }));
      rows.push(`${file},${(i % 5) + 1},${target},${category}`);
    }
  }
  put(join(collection, 'meta/esc50.csv'), `${rows.join('\n')}\n`);
  const out = join(folder, 'sounds');
  await prepare({ kind: 'esc50', from: [collection], out });
  return out;
}
