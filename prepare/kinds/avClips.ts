import { posix } from 'node:path';
import type { Skipped } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { normalise } from '../files/columns.ts';
import { isMedium, type Medium, notA } from '../files/content.ts';
import { indexNames } from '../files/nameIndex.ts';
import { countFoldsFromOne, readRowPart } from '../files/parts.ts';
import { parseTable, surplusCells } from '../files/table.ts';
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
    const reading = startReading(tree);
    const listed = itemsOf(clips, { framesOf: framesByClip(frames, clips, reading), frameTable: frames.name }, reading);
    const { files: items, notes: foldNotes } = countFoldsFromOne(listed);
    const own = ownSplits(items);
    const untimed = frames.rows.filter(({ time_s }) => time_s === '').length;
    return {
      description: 'Frames and sound of the same moments of videos',
      licence: 'not stated',
      categories: [...new Set(items.flatMap((item) => item.categories))].sort(byName),
      items: items.map((item) => ({ ...item, split: own.splitOf(item) })),
      skipped: [...reading.skipped, ...unnamed(tree, new Set([clips.name, frames.name, ...reading.named]))],
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

type ClipTable = NamedTable<'id' | 'audio_file' | 'youtube_id' | 'label' | 'fold' | 'split'>;
type FrameTable = NamedTable<'file' | 'clip_id' | 'time_s'>;

/** What is known so far of the files that the tables name. */
interface Reading {
  skipped: Skipped[];
  /** Files that a row names. */
  named: Set<string>;
  /** What a row has that cannot be read as meant. */
  refuse(file: string, reason: string): void;
  leaveOut(file: string, reason: string): void;
  /** @returns null where it is not there, or may be two, which is noted. */
  find(what: 'sound' | 'picture', name: string, row: { at: string; table: string }): FileRef | null;
}

function startReading(tree: FileTree): Reading {
  const index = {
    sound: indexNames(filesOfMedium(tree, 'sound')),
    picture: indexNames(filesOfMedium(tree, 'picture')),
  };
  const skipped: Skipped[] = [...tree.skipped];
  const named = new Set<string>();
  const refuse = (file: string, reason: string) => void skipped.push({ file, reason, broken: true });
  return {
    skipped,
    named,
    refuse,
    leaveOut: (file, reason) => void skipped.push({ file, reason, broken: false }),
    find(what, name, { at, table }) {
      const found = index[what]({ name, folder: '.', hints: [] });
      if (found === 'missing') refuse(name || at, `It stands in ${table} but is not there.`);
      else if ('ambiguous' in found) refuse(name, `${at} may mean ${found.ambiguous.join(' or ')}.`);
      else {
        named.add(found.name);
        return found;
      }
      return null;
    },
  };
}

/** @returns the frames of each clip, by its id. */
function framesByClip(frames: FrameTable, clips: ClipTable, reading: Reading): Map<string, FileItem['pictures']> {
  const framesOf = new Map<string, FileItem['pictures']>();
  const rowOf = new Map<string, number>();
  const ids = new Set(clips.rows.map(({ id }) => id));
  for (const { number, surplus, file: name, clip_id, time_s } of frames.rows) {
    const at = `Row ${number} of ${frames.name}`;
    const file = reading.find('picture', name, { at, table: frames.name });
    const timeSeconds = time_s === '' ? null : parseSeconds(time_s);
    const before = file && rowOf.get(file.name);
    if (surplus) reading.refuse(name, surplus);
    else if (!ids.has(clip_id)) {
      reading.refuse(name, `${at} names the clip "${clip_id}", which is not in ${clips.name}.`);
    } else if (time_s !== '' && timeSeconds === null) {
      reading.refuse(name, `${at} has "${time_s}" in the column time_s: expected seconds, or minutes and seconds.`);
    } else if (timeSeconds !== null && timeSeconds < 0) {
      reading.leaveOut(name, `It was taken at ${timeSeconds} s, before the sound begins.`);
    } else if (before) reading.refuse(name, `${at} names the frame of row ${before} once more.`);
    else if (file) {
      rowOf.set(file.name, number);
      framesOf.set(clip_id, [...(framesOf.get(clip_id) ?? []), { file, timeSeconds }]);
    }
  }
  return framesOf;
}

function itemsOf(
  clips: ClipTable,
  { framesOf, frameTable }: { framesOf: Map<string, FileItem['pictures']>; frameTable: string },
  reading: Reading,
): FileItem[] {
  const rowOf = new Map<string, number>();
  return clips.rows.flatMap(({ number, surplus, id, audio_file, youtube_id, label, fold, split }): FileItem[] => {
    const at = `Row ${number} of ${clips.name}`;
    const sound = reading.find('sound', audio_file, { at, table: clips.name });
    const pictures = framesOf.get(id) ?? [];
    const before = rowOf.get(id);
    rowOf.set(id, number);
    if (surplus) reading.refuse(audio_file, surplus);
    else if (id === '') reading.refuse(audio_file, `${at} has no id.`);
    else if (before) reading.refuse(audio_file, `${at} has the id ${id} of row ${before}.`);
    else if (sound && pictures.length === 0) {
      reading.leaveOut(audio_file, `No frame in ${frameTable} that can be used is of it.`);
    } else if (sound) {
      const categories = label ? [label] : [];
      const files = 1 + pictures.length;
      try {
        const cells = { fold: { text: fold, column: 'fold' }, split: { text: split, column: 'split' } };
        const part = { fold: null, split: null, ...readRowPart(cells, at).part };
        return [{ id, source: youtube_id || id, ...part, categories, files, sound, pictures }];
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        reading.refuse(audio_file, error.message);
      }
    }
    return [];
  });
}

/** The files that neither table names. */
function unnamed(tree: FileTree, named: Set<string>): Skipped[] {
  return [...tree.files.values()]
    .filter(({ name }) => !named.has(name))
    .map((file) => {
      const isMedia = isMedium('sound', file) || isMedium('picture', file);
      return { file: file.name, reason: isMedia ? 'Neither table names it.' : notA('picture', file), broken: false };
    });
}

function filesOfMedium(tree: FileTree, what: Medium): FileRef[] {
  return [...tree.files.values()].filter((file) => isMedium(what, file));
}

interface NamedTable<Column extends string> {
  name: string;
  rows: (Record<Column, string> & { number: number; surplus: string | null })[];
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
  const read = rows.map((row) => {
    const entries = places.map(([column, place]) => [column, row.cells[place] ?? '']);
    const surplus = surplusCells(row, { table: file.name, header: names });
    return { ...Object.fromEntries(entries), number: row.number, surplus } as NamedTable<
      Wanted | Optional
    >['rows'][number];
  });
  const unread = names.filter((cell, i) => cell !== '' && !places.some(([, place]) => place === i));
  return { name: file.name, rows: read, unread };
}
