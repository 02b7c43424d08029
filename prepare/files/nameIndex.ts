import { posix } from 'node:path';
import type { FileRef } from './tree.ts';

export interface Wanted {
  /** As a table writes it: with or without folders and ending. */
  name: string;
  /** The folder that the table lies in. */
  folder: string;
  /** What else its row says (class, fold, split): tells files of one name in several folders apart. */
  hints: string[];
}

export type Found = FileRef | 'missing' | { ambiguous: [string, string] };

/** Finds files by the names that tables give them. */
export type NameIndex = (wanted: Wanted) => Found;

/**
 * Upper and lower case, composed and decomposed letters, `\` and `/` are the same; an ending may be left out or be another (ESC-50's table names
 * `.wav`, whatever a copy was converted to). Folders that the table names must be those of the file, as far as both go.
 */
export function indexNames(files: Iterable<FileRef>): NameIndex {
  const byKey = new Map<string, FileRef[]>();
  for (const file of files) {
    for (const key of keysOf(fold(posix.basename(file.name)))) {
      const others = byKey.get(key);
      if (others) others.push(file);
      else byKey.set(key, [file]);
    }
  }
  const find = ({ name: written, folder, hints }: Wanted): Found => {
    const name = cleanName(written);
    if (name === '') return 'missing';
    const folded = fold(name);
    for (const key of keysOf(posix.basename(folded))) {
      const ranked = (byKey.get(key) ?? [])
        .filter((file) => foldersAgree(posix.dirname(folded), posix.dirname(fold(file.name)), fold(folder)))
        .map((file) => ({ file, ranks: rank(file, { name, folder, hints }) }))
        .sort((a, b) => compareRanks(b.ranks, a.ranks));
      const [first, second] = ranked;
      if (first && second && compareRanks(first.ranks, second.ranks) === 0) {
        return { ambiguous: [first.file.name, second.file.name] };
      }
      if (first) return first.file;
    }
    return 'missing';
  };
  return (wanted) => {
    const found = find(wanted);
    if (found !== 'missing' || !/%[0-9a-f]{2}/i.test(wanted.name)) return found;
    try {
      return find({ ...wanted, name: decodeURIComponent(wanted.name) });
    } catch {
      return 'missing';
    }
  };
}

/** As people cannot tell names apart. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** From what is written, as exactly as can be: the whole, without its ending, without zeros that a spreadsheet has dropped. */
function keysOf(base: string): string[] {
  const stem = posix.basename(base, posix.extname(base));
  const number = /^0*(\d+)$/.exec(stem)?.[1];
  return [...new Set([base, stem, ...(number === undefined ? [] : [`number ${number}`])])];
}

function cleanName(written: string): string {
  const slashes = written.normalize('NFC').replaceAll('\\', '/');
  if (/^\w+:\/\//.test(slashes)) return posix.basename(slashes); // an address tells no folder here
  const path = posix.join('/', slashes.replace(/^[a-z]:/i, '')).slice(1);
  return path.replace(/\/$/, '');
}

/** One must end like the other: a table knows fewer folders than there are, or more (those of another machine). */
function foldersAgree(named: string, own: string, tableFolder: string): boolean {
  const [a, b] = [partsOf(named), partsOf(own)];
  const isEnd = (short: string[], long: string[]) =>
    short.every((part, i) => part === long[long.length - short.length + i]);
  if (a.length <= b.length) return isEnd(a, b);
  if (isEnd(b, a)) return b.length > 0;
  const below =
    own === tableFolder ? [] : own.startsWith(`${tableFolder}/`) ? partsOf(own.slice(tableFolder.length + 1)) : b;
  return isEnd(below, a) && below.length > 0;
}

function partsOf(folder: string): string[] {
  return folder.split('/').filter((part) => part !== '' && part !== '.');
}

/** More agreement first; compared one after the other. */
function rank(file: FileRef, { name, folder, hints }: Wanted): number[] {
  const own = file.name.normalize('NFC');
  const folders = partsOf(posix.dirname(fold(own)));
  return [
    own === posix.join(folder, name) || own === name ? 1 : 0,
    posix.extname(fold(own)) === posix.extname(fold(name)) ? 1 : 0,
    posix.basename(own) === posix.basename(name) || posix.basename(own).startsWith(`${posix.basename(name)}.`) ? 1 : 0,
    hints.filter((hint) => hint !== '' && folders.some((part) => saysHint(part, fold(hint)))).length,
    folder === '.' || own.startsWith(`${folder}/`) ? 1 : 0,
  ];
}

/** `dog` of `00_dog`, `3` of `fold3`. */
function saysHint(folder: string, hint: string): boolean {
  return (
    folder === hint || folder.split(/[ _-]/).includes(hint) || folder === `fold${hint}` || folder.endsWith(`_${hint}`)
  );
}

function compareRanks(a: number[], b: number[]): number {
  const i = a.findIndex((value, i) => value !== b[i]);
  return i === -1 ? 0 : (a[i] as number) - (b[i] as number);
}
