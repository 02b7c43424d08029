import { posix } from 'node:path';
import type { Skipped } from '#core/datasets/prepared.ts';
import { isMedium, type Medium } from './content.ts';
import { indexNames } from './nameIndex.ts';
import { type FindFile, type RowFacts, readTableFacts, type TableFacts } from './tableFacts.ts';
import type { FileRef, FileTree } from './tree.ts';

/** What tables say of a file, and which row says so. */
export interface FileFacts extends RowFacts {
  table: string;
  row: number;
}

interface Unread {
  name: string;
  why: string;
}

export interface LabelTables {
  /** By the file's name. */
  facts: Map<string, FileFacts>;
  /** The classes' numbers, where tables give them. */
  numbers: Map<string, number>;
  /** Names of the tables that were read. */
  read: string[];
  /** Files that look like tables and were not read, and why. */
  unread: Unread[];
  /** Texts that may be anything, and why they are no tables. */
  texts: Unread[];
  /** Rows that cannot be used. */
  skipped: Skipped[];
  /** Files of which a row cannot be read, or that two rows contradict each other about. */
  refused: Set<string>;
  notes: string[];
}

const tableEndings = '.csv .tsv .tab .psv .jsonl .ndjson .json'.split(' ');
/** Of texts that may be tables. */
const listEndings = ['', ...'.txt .lst .list .dat .data .labels .ann .scp .meta'.split(' ')];
const otherTables =
  '.xlsx .xls .ods .numbers .parquet .arrow .feather .pkl .pickle .mat .db .sqlite .xml .yaml .yml'.split(' ');

/** Reads what tables anywhere in a collection say of its sounds, or of its pictures. */
export async function readLabelTables(tree: FileTree, what: Medium): Promise<LabelTables> {
  const files = [...tree.files.values()];
  const find = indexFiles(files, what);
  const tables: TableFacts[] = [];
  const [unread, texts]: [Unread[], Unread[]] = [[], []];
  for (const file of files) {
    const ending = posix.extname(file.name).toLowerCase();
    if (otherTables.includes(ending)) {
      unread.push({ name: file.name, why: 'tables are read from CSV, TSV and JSON lines; save it as one' });
    }
    const isTable = tableEndings.includes(ending);
    const isText = file.holds.medium === 'text';
    if (isTable && !isText) unread.push({ name: file.name, why: noText(file) });
    if (!isText || !(isTable || listEndings.includes(ending))) continue;
    const isForm = /submission|predictions?/i.test(posix.basename(file.name));
    const table = isForm ? 'by its name it holds predictions' : await readTableFacts(file, find);
    if (typeof table !== 'string') tables.push(table);
    else (listEndings.includes(ending) ? texts : unread).push({ name: file.name, why: table });
  }
  return { ...mergeTables(tables), unread, texts };
}

function noText({ bytes, holds }: FileRef): string {
  return bytes === 0
    ? 'it is empty'
    : `it is no text${holds.format ? ` but ${holds.format.toUpperCase()}` : ''}; save it as CSV`;
}

function indexFiles(files: FileRef[], what: Medium): FindFile {
  const ofMedium = indexNames(files.filter((file) => isMedium(what, file)));
  const others = indexNames(files.filter((file) => !isMedium(what, file)));
  return (wanted) => {
    const ending = posix.extname(wanted.name).toLowerCase();
    const endsSo = (found: ReturnType<typeof others>) =>
      typeof found === 'object' && 'name' in found && posix.extname(found.name).toLowerCase() === ending;
    const found = ofMedium(wanted);
    // A table of sounds and pictures alike: `dog.wav` is not the sound's name for `dog.jpg`.
    return ending !== '' && !endsSo(found) && endsSo(others(wanted)) ? 'other' : found;
  };
}

function mergeTables(tables: TableFacts[]): Omit<LabelTables, 'unread' | 'texts'> {
  const merged: ReturnType<typeof mergeTables> = {
    facts: new Map(),
    numbers: new Map(),
    read: tables.map(({ name }) => name),
    skipped: [],
    refused: new Set(),
    notes: tables.map(({ note }) => note),
  };
  const skip = (file: string, reason: string) => merged.skipped.push({ file, reason, broken: true });
  // Beside a table that labels the files, one of other files is no fault of the collection.
  const isLabelled = tables.some(({ rows }) => rows.some(({ facts }) => facts.category !== null));
  for (const { name: table, rows, refused, missing } of tables) {
    for (const { file, facts, row, classNumber } of rows) {
      const problem = addFacts(merged, file, { ...facts, table, row });
      if (problem) skip(file.name, problem);
      else if (facts.category !== null && classNumber !== null) merged.numbers.set(facts.category, classNumber);
    }
    for (const { file, means, reason } of refused) {
      skip(file, reason);
      if (means !== null) merged.refused.add(means);
    }
    if (isLabelled && rows.length === 0 && refused.length === 0) continue;
    for (const { name } of missing) skip(name, `It stands in ${table} but is not there.`);
  }
  return merged;
}

/** @returns what is wrong, in words, where another row says otherwise. */
function addFacts(
  { facts, refused }: Pick<LabelTables, 'facts' | 'refused'>,
  { name }: FileRef,
  added: FileFacts,
): string | null {
  const known = facts.get(name);
  for (const key of ['category', 'fold', 'split'] as const) {
    const [a, b] = [known?.[key] ?? null, added[key]];
    if (known && a !== null && b !== null && a !== b) {
      const noun = key === 'category' ? 'class' : key;
      refused.add(name);
      return `Its ${noun} is ${a} in row ${known.row} of ${known.table} and ${b} in row ${added.row} of ${added.table}.`;
    }
  }
  facts.set(name, {
    ...added,
    category: known?.category ?? added.category,
    fold: known?.fold ?? added.fold,
    split: known?.split ?? added.split,
  });
  return null;
}
