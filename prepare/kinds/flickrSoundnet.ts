import type { Skipped } from '#core/datasets/prepared.ts';
import { splitOfFolders } from '../files/labelled.ts';
import { type FileRef, looksLike, openTree, stemOf } from '../files/tree.ts';
import { decodeFiles, type FileItem, oneFolder } from './fileItem.ts';
import type { Kind } from './kind.ts';

/** Pictures and sounds of the same name, side by side in any folders; each pair is one moment of a video. */
export const flickrSoundnet: Kind<FileItem> = {
  pairing: 'same-clip',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 128 },
  async list(from) {
    const folder = oneFolder(from, 'flickr-soundnet');
    const pairs = new Map<string, { sound?: FileRef; picture?: FileRef }>();
    const skipped: Skipped[] = [];
    for (const file of (await openTree(folder)).values()) {
      const what = looksLike('picture', file.name) ? 'picture' : looksLike('sound', file.name) ? 'sound' : null;
      if (!what) continue;
      const stem = stemOf(file.name);
      const pair = pairs.get(stem) ?? {};
      if (pair[what]) skipped.push({ file: file.name, reason: `There is another ${what} of that name.`, broken: true });
      else pair[what] = file;
      pairs.set(stem, pair);
    }
    const items: FileItem[] = [];
    for (const [id, { sound, picture }] of pairs) {
      if (sound && picture) {
        const split = splitOfFolders(id.split('/'));
        const pictures = [{ file: picture, timeSeconds: null }];
        items.push({ id, source: id, split, fold: null, categories: [], files: 2, sound, pictures });
      } else {
        const [there, missing] = sound ? [sound, 'picture'] : [picture as FileRef, 'sound'];
        skipped.push({ file: there.name, reason: `There is no ${missing} of the same name beside it.`, broken: true });
      }
    }
    return {
      description: 'Pictures and sounds of the same moments',
      licence: 'not stated',
      categories: [],
      items,
      skipped,
    };
  },
  decode: decodeFiles,
};
