import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type DigitSplit,
  digitImageSize,
  digitLabels,
  digitPicture,
  digitsInfo,
  digitsSampleRate,
  readDigits,
} from '#core/datasets/digits.ts';
import type { Split } from '#core/datasets/prepared.ts';
import { resample } from '#core/media/resample.ts';
import { preparePixels } from '../media/picture.ts';
import { oneFolder } from './fileItem.ts';
import type { Item, Kind } from './kind.ts';

interface DigitItem extends Item {
  folder: string;
  split: Split;
  side: 'recordings' | 'images';
  /** In the split's list. */
  position: number;
}

const carriedFolder = fileURLToPath(new URL('../../datasets/digits', import.meta.url));

/** Spoken and handwritten digits, which the repository carries. */
export const digits: Kind<DigitItem> = {
  pairing: 'same-category',
  defaults: { from: [carriedFolder], sampleRate: digitsSampleRate, shortSide: digitImageSize, itemsPerShard: 1024 },
  async list(from) {
    const folder = oneFolder(from, 'digits');
    const items: DigitItem[] = [];
    for (const split of ['train', 'validation', 'test'] as const) {
      const { recordings, images } = await load(folder, split);
      const add = (id: string, digit: number, place: Pick<DigitItem, 'side' | 'position'>) => {
        items.push({ id, source: id, split, fold: null, categories: [String(digit)], files: 1, folder, ...place });
      };
      for (const [position, { name, digit }] of recordings.entries())
        add(name, digit, { side: 'recordings', position });
      for (const [position, { digit }] of images.entries())
        add(`${split}-${position}`, digit, { side: 'images', position });
    }
    const { description, licence } = digitsInfo;
    return { description, licence, categories: digitLabels, items, skipped: [], notes: [] };
  },
  filesOf: () => [], // several to a file
  async decode({ folder, split, side, position }, { sampleRate, shortSide }) {
    const { recordings, images } = await load(folder, split);
    if (side === 'recordings') {
      const { waveform } = recordings[position] as DigitSplit['recordings'][number];
      const resampled = resample(waveform, digitsSampleRate, sampleRate);
      return { clips: [{ sound: { waveform: resampled, startSeconds: 0 }, pictures: [] }], skipped: [] };
    }
    const size = { width: digitImageSize, height: digitImageSize };
    const pixels = { data: digitPicture(images[position] as DigitSplit['images'][number]), ...size };
    return {
      clips: [{ sound: null, pictures: [{ ...(await preparePixels(pixels, shortSide)), timeSeconds: null }] }],
      skipped: [],
    };
  },
};

const loaded = new Map<string, Promise<DigitSplit>>();

/** Reads a split once in each thread: its sounds lie in a few long files. */
function load(folder: string, split: Split): Promise<DigitSplit> {
  const key = `${folder}:${split}`;
  const known = loaded.get(key) ?? readDigits((file) => readFile(join(folder, file)), split);
  loaded.set(key, known);
  return known;
}
