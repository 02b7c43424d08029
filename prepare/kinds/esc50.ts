import { InputError } from '#core/errors.ts';
import { readLabelled } from '../files/labelled.ts';
import { stemOf } from '../files/tree.ts';
import { ownSplits } from '../splits.ts';
import { decodeFiles, type FileItem, filesOf, oneFolder } from './fileItem.ts';
import type { Kind } from './kind.ts';

/** ESC-50 and sets laid out as it is: sounds and a table that names each one's category and fold. */
export const esc50: Kind<FileItem> = {
  pairing: 'none',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 128 },
  async list(from, options) {
    const folder = oneFolder(from, 'esc50');
    const { categories, files, skipped, notes } = await readLabelled(folder, 'sound', options);
    const without = files.find(({ fold, split }) => fold === null && split === null);
    if (without) {
      throw new InputError(
        `Expected a fold or split for each sound in ${folder}, from a table (ESC-50's is meta/esc50.csv) or folders fold1, fold2 …, ` +
          `but ${without.file.name} has neither. ${notes.join(' ')}`,
      );
    }
    const own = ownSplits(files);
    return {
      description: 'ESC-50: environmental sounds of 5 s in 50 categories, in 5 folds (Piczak 2015)',
      licence: 'CC BY-NC 3.0',
      categories,
      skipped,
      notes: [...notes, ...own.notes],
      items: files.map(({ file, category, fold, split }) => ({
        id: stemOf(file.name),
        source: stemOf(file.name),
        split: own.splitOf({ fold, split }),
        fold,
        categories: [category],
        files: 1,
        sound: file,
        pictures: [],
      })),
    };
  },
  filesOf,
  decode: decodeFiles,
};
