import { posix } from 'node:path';
import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { normalise } from '../files/columns.ts';
import { isMedium, type Medium, notA } from '../files/content.ts';
import { indexNames } from '../files/nameIndex.ts';
import { countFoldsFromOne, readRowPart } from '../files/parts.ts';
import { parseTable } from '../files/table.ts';
import { byName, type FileRef, type FileTree, openTree, readRef } from '../files/tree.ts';
import { ownSplits } from '../splits.ts';
import { decodeFiles, type FileItem, filesOf, oneFolder } from './fileItem.ts';
import type { Kind } from './kind.ts';
import { parseSeconds } from './times.ts';

/** Frames and sound of videos, already apart. */
export const avClips: Kind<FileItem> = {
  pairing: 'same-clip',
  defaults: { from: [], sampleRate: 48_000, itemsPerShard: 32 },
  async list(from) {
    const folder = oneFolder(from, 'av-clips');
    const tree = await openTree(folder);
    const clips = await readTable(tree, {
      name: 'clips.csv',
      folder,
      columns: ['id', 'audio_file'],
      optional: ['youtube_id', 'label', 'fold', 'split'],
    });
    const frames = await readTable(tree, {
      name: 'frames.csv',
      folder,
      columns: ['file', 'clip_id', 'time_s'],
      optional: [],
    });
    const skipped: Skipped[] = [...tree.skipped];
    const refuse = (file: string, reason: string) => skipped.push({ file, reason, broken: true });
    const find = {
      sound: indexNames(filesOfMedium(tree, 'sound')),
      picture: indexNames(filesOfMedium(tree, 'picture')),
    };
    const named = new Set([clips.name, frames.name]);
    const lookUp = (
      what: 'sound' | 'picture',
      name: string,
      { at, table }: { at: string; table: string },
    ): FileRef | null => {
      const found = find[what]({ name, folder: '.', hints: [] });
      if (found === 'missing') refuse(name || at, `It stands in ${table} but is not there.`);
      else if ('ambiguous' in found) refuse(name, `${at} may mean ${found.ambiguous.join(' or ')}.`);
      else {
        named.add(found.name);
        return found;
      }
      return null;
    };
    const framesOf = new Map<string, FileItem['pictures']>();
    const rowOf = new Map<string, number>();
    const ids = new Set(clips.rows.map(({ id }) => id));
    for (const { number, file: name, clip_id, time_s } of frames.rows) {
      const at = `Row ${number} of ${frames.name}`;
      const file = lookUp('picture', name, { at, table: frames.name });
      const timeSeconds = time_s === '' ? null : parseSeconds(time_s);
      if (!ids.has(clip_id)) refuse(name, `${at} names the clip "${clip_id}", which is not in ${clips.name}.`);
      else if (time_s !== '' && timeSeconds === null) {
        refuse(name, `${at} has "${time_s}" in the column time_s: expected seconds, or minutes and seconds.`);
      } else if (timeSeconds !== null && timeSeconds < 0) {
        skipped.push({
          file: name,
          reason: `It was taken at ${timeSeconds} s, before the sound begins.`,
          broken: false,
        });
      } else if (file && rowOf.has(file.name)) {
        refuse(name, `${at} names the frame of row ${rowOf.get(file.name)} once more.`);
      } else if (file) {
        rowOf.set(file.name, number);
        framesOf.set(clip_id, [...(framesOf.get(clip_id) ?? []), { file, timeSeconds }]);
      }
    }
    const untimed = frames.rows.filter(({ time_s }) => time_s === '').length;
    const seen = new Map<string, number>();
    const listed = clips.rows.flatMap(({ number, id, audio_file, youtube_id, label, fold, split }): FileItem[] => {
      const at = `Row ${number} of ${clips.name}`;
      const sound = lookUp('sound', audio_file, { at, table: clips.name });
      const pictures = framesOf.get(id) ?? [];
      const before = seen.get(id);
      seen.set(id, number);
      if (id === '') refuse(audio_file, `${at} has no id.`);
      else if (before) refuse(audio_file, `${at} has the id ${id} of row ${before}.`);
      else if (sound && pictures.length === 0) {
        skipped.push({
          file: audio_file,
          reason: `No frame in ${frames.name} that can be used is of it.`,
          broken: false,
        });
      } else if (sound) {
        const categories = label ? [label] : [];
        const files = 1 + pictures.length;
        try {
          const cells = { fold: { text: fold, column: 'fold' }, split: { text: split, column: 'split' } };
          const part = { fold: null, split: null, ...readRowPart(cells, at).part };
          return [{ id, source: youtube_id || id, ...part, categories, files, sound, pictures }];
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          refuse(audio_file, error.message);
        }
      }
      return [];
    });
    for (const file of tree.files.values()) {
      if (named.has(file.name)) continue;
      const isMedia = isMedium('sound', file) || isMedium('picture', file);
      const reason = isMedia ? 'Neither table names it.' : notA('picture', file);
      skipped.push({ file: file.name, reason, broken: false });
    }
    const { files: items, notes: foldNotes } = countFoldsFromOne(listed);
    const own = ownSplits(items);
    return {
      description: 'Frames and sound of the same moments of videos',
      licence: 'not stated',
      categories: [...new Set(items.flatMap((item) => item.categories))].sort(byName),
      items: items.map((item) => ({ ...item, split: own.splitOf(item) })),
      skipped,
      notes: [
        `${items.length} clips of ${clips.rows.length} in ${clips.name}, with their frames in ${frames.name}.`,
        ...(untimed > 0 ? [`Frames without a time: ${untimed}. They belong to any moment of their sound.`] : []),
        ...[clips, frames].flatMap(({ name, unread }) =>
          unread.length > 0 ? [`${name}: not read: ${unread.join(', ')}.`] : [],
        ),
        ...foldNotes,
        ...own.notes,
      ],
    };
  },
  filesOf,
  decode: decodeFiles,
};

function filesOfMedium(tree: FileTree, what: Medium): FileRef[] {
  return [...tree.files.values()].filter((file) => isMedium(what, file));
}

interface NamedTable<Column extends string> {
  name: string;
  rows: (Record<Column, string> & { number: number })[];
  /** Columns that are not read. */
  unread: string[];
}

async function readTable<Wanted extends string, Optional extends string>(
  tree: FileTree,
  { name, folder, columns, optional }: { name: string; folder: string; columns: Wanted[]; optional: Optional[] },
): Promise<NamedTable<Wanted | Optional>> {
  const file = [...tree.files.values()].find((file) => posix.basename(file.name).toLowerCase() === name);
  if (!file) throw new InputError(`Expected ${name} in ${folder} but it is not there. Check --from.`, 'not_found');
  const [header, ...rows] = parseTable(file.name, await readRef(file)).rows;
  const names = header?.cells ?? [];
  const known = names.map(normalise);
  const missing = columns.filter((column) => !known.includes(normalise(column)));
  if (missing.length > 0) {
    throw new InputError(
      `Expected the columns ${columns.join(', ')} in ${name} but ${missing.join(', ')} are missing; it has ${names.join(', ') || 'none'}.`,
    );
  }
  const places = [...columns, ...optional].map((column) => [column, known.indexOf(normalise(column))] as const);
  const read = rows.map(({ number, cells }) => {
    const entries = places.map(([column, place]) => [column, cells[place] ?? '']);
    return { ...Object.fromEntries(entries), number } as NamedTable<Wanted | Optional>['rows'][number];
  });
  const unread = names.filter((cell, i) => cell !== '' && !places.some(([, place]) => place === i));
  return { name: file.name, rows: read, unread };
}
