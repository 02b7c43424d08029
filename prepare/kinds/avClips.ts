import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { parseCsv } from '../files/csv.ts';
import { byName } from '../files/labelled.ts';
import { type FileTree, openTree, readRef } from '../files/tree.ts';
import { decodeFiles, type FileItem, oneFolder } from './fileItem.ts';
import type { Kind } from './kind.ts';

/** Frames and sound of videos, already apart. */
export const avClips: Kind<FileItem> = {
  pairing: 'same-clip',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 32 },
  async list(from) {
    const folder = oneFolder(from, 'av-clips');
    const tree = await openTree(folder);
    const clips = await readTable(tree, { name: 'clips.csv', folder, columns: ['id', 'audio_file'] });
    const frames = await readTable(tree, { name: 'frames.csv', folder, columns: ['file', 'clip_id', 'time_s'] });
    const framesOf = new Map<string, typeof frames>();
    for (const frame of frames) {
      const clip = frame.clip_id as string;
      framesOf.set(clip, [...(framesOf.get(clip) ?? []), frame]);
    }
    const skipped: Skipped[] = [];
    const find = (name: string) => {
      const file = tree.get(name);
      if (!file) skipped.push({ file: name, reason: 'It stands in the table but is not there.', broken: true });
      return file;
    };
    const items = clips.flatMap(({ id = '', audio_file = '', youtube_id, label }): FileItem[] => {
      const sound = find(audio_file);
      const pictures = (framesOf.get(id) ?? []).flatMap(({ file: name = '', time_s }) => {
        const file = find(name);
        return file ? [{ file, timeSeconds: Number(time_s) }] : [];
      });
      if (!sound || pictures.length === 0) return [];
      const categories = label ? [label] : [];
      const files = 1 + pictures.length;
      return [{ id, source: youtube_id || id, split: null, fold: null, categories, files, sound, pictures }];
    });
    return {
      description: 'Frames and sound of the same moments of videos',
      licence: 'not stated',
      categories: [...new Set(items.flatMap((item) => item.categories))].sort(byName),
      items,
      skipped,
    };
  },
  decode: decodeFiles,
};

async function readTable(
  tree: FileTree,
  { name, folder, columns }: { name: string; folder: string; columns: string[] },
): Promise<Record<string, string>[]> {
  const file = tree.get(name);
  if (!file) throw new InputError(`Expected ${name} in ${folder} but it is not there. Check --from.`, 'not_found');
  const rows = parseCsv((await readRef(file)).toString('utf8'));
  const missing = columns.filter((column) => !rows[0] || !(column in rows[0]));
  if (missing.length === 0) return rows;
  throw new InputError(`Expected the columns ${columns.join(', ')} in ${name} but ${missing.join(', ')} are missing.`);
}
