import { posix } from 'node:path';
import type { Skipped } from '#core/datasets/prepared.ts';
import { isMedium, notA, unreadFormat } from '../files/content.ts';
import { isGeneric, overruled, readFolders } from '../files/folders.ts';
import { countFoldsFromOne } from '../files/parts.ts';
import { type FileRef, openTree, stemOf } from '../files/tree.ts';
import { ownSplits } from '../splits.ts';
import { decodeFiles, type FileItem, filesOf, oneFolder } from './fileItem.ts';
import type { Kind } from './kind.ts';

type Side = 'sound' | 'picture';

/** Pictures and sounds of the same name, side by side in any folders; each pair is one moment of a video. */
export const flickrSoundnet: Kind<FileItem> = {
  pairing: 'same-clip',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 128 },
  async list(from) {
    const tree = await openTree(oneFolder(from, 'flickr-soundnet'));
    const skipped: Skipped[] = [...tree.skipped];
    const leaveOut = ({ name }: FileRef, reason: string, broken: boolean) =>
      skipped.push({ file: name, reason, broken });
    const sides: Record<Side, FileRef[]> = { sound: [], picture: [] };
    for (const file of tree.files.values()) {
      const side = (['picture', 'sound'] as const).find((side) => isMedium(side, file));
      const unread = side && unreadFormat(side, file.holds);
      if (side && !unread) sides[side].push(file);
      else leaveOut(file, unread ?? notA('picture', file).replace('no picture', 'neither sound nor picture'), false);
    }
    const pairs = new Map<string, { sound?: FileRef; picture?: FileRef }>();
    for (const side of ['sound', 'picture'] as const) {
      for (const file of sides[side]) {
        const key = keyOf(file.name);
        const pair = pairs.get(key) ?? {};
        if (pair[side]) leaveOut(file, `There is another ${side} of that name.`, true);
        else pair[side] = file;
        pairs.set(key, pair);
      }
    }
    const names = [...sides.sound, ...sides.picture].map(({ name }) => name);
    const folderFacts = readFolders(names);
    const pairItems: FileItem[] = [];
    for (const { sound, picture } of pairs.values()) {
      if (sound && picture) {
        const id = stemOf(picture.name).normalize('NFC');
        const { split, fold } = folderFacts(picture.name);
        const pictures = [{ file: picture, timeSeconds: null }];
        pairItems.push({ id, source: id, split, fold, categories: [], files: 2, sound, pictures });
      } else {
        const missing = sound ? 'picture' : 'sound';
        leaveOut((sound ?? picture) as FileRef, `There is no ${missing} of the same name beside it.`, true);
      }
    }
    const { files: items, notes: foldNotes } = countFoldsFromOne(pairItems);
    const own = ownSplits(items);
    return {
      description: 'Pictures and sounds of the same moments',
      licence: 'not stated',
      categories: [],
      items: items.map((item) => ({ ...item, split: own.splitOf(item) })),
      skipped,
      notes: [
        `${items.length} pairs of a sound and a picture of the same name.`,
        ...overruled(names, folderFacts),
        ...foldNotes,
        ...own.notes,
      ],
    };
  },
  filesOf,
  decode: decodeFiles,
};

/** `images/a.jpg` and `audio/a.wav` belong together, as `a.jpg` and `a.wav` do, and `A.JPG` and `a.wav`. */
function keyOf(name: string): string {
  const stem = stemOf(name).normalize('NFC').toLowerCase();
  const folders = posix.dirname(stem).split('/');
  return [...folders.filter((folder) => !isGeneric(folder)), posix.basename(stem)].join('/');
}
