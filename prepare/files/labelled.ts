import { posix } from 'node:path';
import type { Skipped, Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { isMedium, type Medium, notA, unreadFormat } from './content.ts';
import { type ClassFolder, classesOfFolders, overruled, readFolders, some } from './folders.ts';
import { type LabelTables, readLabelTables } from './labelTables.ts';
import { countFoldsFromOne } from './parts.ts';
import { byName, type FileRef, type FileTree, openTree } from './tree.ts';

export interface LabelledFile {
  file: FileRef;
  category: string;
  /** From 1. */
  fold: number | null;
  split: Split | null;
}

export interface LabelledSet {
  /** In the order of their numbers where the table gives them, else by name. */
  categories: string[];
  files: LabelledFile[];
  skipped: Skipped[];
  /** How it was understood. */
  notes: string[];
}

/**
 * A set of labelled sounds or pictures: tables say the class, fold and split of each file; what they do not say, the folders say that it lies in.
 * Files may lie in tars. `docs/datasets.md` has the rules.
 *
 * @throws {InputError} where there are no labels, or none that can be read as meant.
 */
export async function readLabelled(
  root: string,
  what: Medium,
  options: { classFolder?: ClassFolder },
): Promise<LabelledSet> {
  const tree = await openTree(root);
  const skipped = [...tree.skipped];
  const candidates: FileRef[] = [];
  for (const file of tree.files.values()) {
    const unread = isMedium(what, file) ? unreadFormat(what, file.holds) : null;
    if (unread) skipped.push({ file: file.name, reason: unread, broken: false });
    else if (isMedium(what, file)) candidates.push(file);
  }
  const tables = await readLabelTables(tree, what);
  skipped.push(...tables.skipped, ...others(tree, what, tables));
  const fromFolders = labelByFolders(candidates, tables, options.classFolder);
  const names = candidates.map(({ name }) => name);
  const folderFacts = readFolders(names);
  const elsewhere: string[] = [];
  const files: LabelledFile[] = [];
  for (const file of candidates) {
    if (tables.refused.has(file.name)) continue;
    const facts = tables.facts.get(file.name);
    const category = facts?.category ?? fromFolders.categories.get(file.name);
    if (category) {
      const { fold, split } = folderFacts(file.name);
      if (facts?.split && split && facts.split !== split) elsewhere.push(file.name);
      files.push({ file, category, fold: facts?.fold ?? fold, split: facts?.split ?? split });
    } else skipped.push({ file: file.name, reason: unlabelled(file, tables, fromFolders), broken: false });
  }
  if (files.length === 0) throw new InputError(nothingLabelled(root, what, tables, skipped));
  const categories = sortCategories(new Set(files.map(({ category }) => category)), tables.numbers);
  const notes = [
    ...tables.notes,
    ...fromFolders.notes,
    ...overruled(names, folderFacts),
    ...(elsewhere.length > 0
      ? [
          `The split of ${elsewhere.length} files is the table's, though their folder names another: ${some(elsewhere)}.`,
        ]
      : []),
    ...tables.unread.map(({ name, why }) => `${name} was not read: ${why}.`),
  ];
  const counted = countFoldsFromOne(files);
  return {
    categories,
    files: counted.files,
    skipped,
    notes: [...notes, ...counted.notes, ...doubts(categories, files)],
  };
}

/** All that is neither such a medium nor a table that was read. */
function others(tree: FileTree, what: Medium, tables: LabelTables): Skipped[] {
  const why = new Map(tables.unread.map(({ name, why }) => [name, why]));
  return Array.from(tree.files.values()).flatMap((file): Skipped[] => {
    if (isMedium(what, file) || tables.read.includes(file.name)) return [];
    const table = why.get(file.name);
    return [
      { file: file.name, reason: table ? `It was not read as a table: ${table}.` : notA(what, file), broken: false },
    ];
  });
}

interface FolderLabels {
  categories: Map<string, string>;
  /** Of files in folders whose names are none of the tables' classes. */
  unknown: Map<string, string>;
  notes: string[];
}

/** Beside tables that give classes, folders give only those, and only where no table names any file. */
function labelByFolders(candidates: FileRef[], tables: LabelTables, classFolder: ClassFolder): FolderLabels {
  const labelled = Array.from(tables.facts).filter(([, { category }]) => category !== null);
  const known = new Set(labelled.map(([, { category }]) => category as string));
  const covered = new Set(labelled.map(([name]) => posix.dirname(name)));
  const names = candidates.map(({ name }) => name).filter((name) => !covered.has(posix.dirname(name)));
  if (known.size === 0) {
    const { categories, notes } = classesOfFolders(names, classFolder);
    const classes = new Set(categories.values());
    if (classes.size < 2 && tables.unread.length > 0) return { categories: new Map(), unknown: new Map(), notes: [] };
    return { categories, unknown: new Map(), notes: classes.size > 0 ? notes : [] };
  }
  const { categories } = classesOfFolders(names, classFolder ?? 'inner');
  const fitting = new Map(Array.from(categories).filter(([, category]) => known.has(category)));
  const unknown = new Map(Array.from(categories).filter(([, category]) => !known.has(category)));
  const notes = fitting.size > 0 ? [`The class of ${fitting.size} more files from their folders' names.`] : [];
  if (fitting.size > 0 && unknown.size > 0) {
    const names = some([...new Set(unknown.values())]);
    notes.push(
      `${unknown.size} files are left out, for their folders (${names}) are called as no class of the tables.`,
    );
  }
  return { categories: fitting, unknown, notes };
}

function unlabelled({ name }: FileRef, { read, facts }: LabelTables, { unknown }: FolderLabels): string {
  const folder = unknown.get(name);
  if (folder) return `Its folder, ${folder}, is called as no class of ${some(read)}.`;
  const tables = read.length > 0 ? `No row of ${some(read)} gives it a class` : '';
  return tables && facts.size > 0 ? `${tables}, nor does its folder.` : 'It lies in no folder that names a class.';
}

function nothingLabelled(root: string, what: Medium, tables: LabelTables, skipped: Skipped[]): string {
  const expected = `Expected labelled ${what}s in ${root} (a table with the columns file and class, or one folder a class) but found none.`;
  const packed = skipped.find(({ reason }) => reason.startsWith('It is an archive'));
  const reasons = [
    ...tables.notes,
    ...tables.skipped.slice(0, 3).map(({ file, reason }) => `${file}: ${reason}`),
    ...[...tables.unread, ...tables.texts].map(({ name, why }) => `${name} was not read: ${why}.`),
    ...(packed ? [`Unpack ${packed.file} first.`] : []),
  ];
  return `${expected}${reasons.length > 0 ? `\n  ${reasons.slice(0, 10).join('\n  ')}` : ' Check --from.'}`;
}

function sortCategories(names: Set<string>, numbers: Map<string, number>): string[] {
  const areNumbers = Array.from(names).every((name) => /^\d+$/.test(name));
  const sorted = [...names].sort((a, b) => (areNumbers && Number(a) - Number(b)) || byName(a, b));
  return sorted.sort((a, b) => (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0));
}

/** What is understood, and may yet be meant otherwise. */
function doubts(categories: string[], files: LabelledFile[]): string[] {
  const notes: string[] = [];
  const byKey = new Map<string, string[]>();
  for (const name of categories) {
    const key = name
      .toLowerCase()
      .replace(/[ _-]+/g, ' ')
      .replace(/^(\d+)[.,]0+$/, '$1') // a number, as a column with gaps has it
      .trim();
    byKey.set(key, [...(byKey.get(key) ?? []), name]);
  }
  for (const alike of byKey.values()) {
    if (alike.length > 1) notes.push(`The classes ${alike.join(' and ')} are kept apart, though they look like one.`);
  }
  if (categories.length === 1) notes.push(`There is one class only: ${categories[0]}.`);
  if (categories.length === files.length && files.length > 2) {
    notes.push(`Each of the ${files.length} files has a class of its own.`);
  }
  const without = files.filter(({ fold, split }) => fold === null && split === null).length;
  if (without > 0 && without < files.length)
    notes.push(`${without} of ${files.length} files have neither fold nor split: theirs is drawn.`);
  return notes;
}
