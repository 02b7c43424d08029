import { posix } from 'node:path';
import type { Skipped, Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { type Columns, normalise, readColumns } from './columns.ts';
import { isMedium, type Medium } from './content.ts';
import { indexNames, type NameIndex } from './nameIndex.ts';
import { parsePart, parsePartCell } from './parts.ts';
import { parseTable, type Table, type TableRow } from './table.ts';
import { type FileRef, type FileTree, readRef } from './tree.ts';

/** What tables say of a file. */
export interface FileFacts {
  category: string | null;
  fold: number | null;
  split: Split | null;
  /** Who says so. */
  table: string;
  row: number;
}

export interface LabelTables {
  /** By the file's name. */
  facts: Map<string, FileFacts>;
  /** The classes' numbers, where tables give them. */
  numbers: Map<string, number>;
  /** Names of the tables that were read. */
  read: string[];
  /** Files that look like tables and were not read, and why. */
  unread: { name: string; why: string }[];
  /** `.txt` files, which may be anything, and why they are no tables. */
  texts: { name: string; why: string }[];
  /** Rows that cannot be used. */
  skipped: Skipped[];
  /** Of those that were read: none of the names is there. */
  ofOtherFiles: string[];
  /** Files that two rows contradict each other about. */
  refused: Set<string>;
  notes: string[];
}

const tableEndings = ['.csv', '.tsv', '.tab', '.psv', '.txt', '.jsonl', '.ndjson', '.json'];
const otherTables = [
  '.xlsx',
  '.xls',
  '.ods',
  '.numbers',
  '.parquet',
  '.arrow',
  '.feather',
  '.pkl',
  '.pickle',
  '.mat',
  '.db',
  '.sqlite',
  '.xml',
  '.yaml',
  '.yml',
];
const longestTable = 256 * 2 ** 20;

/** Reads what tables anywhere in a collection say of its sounds, or of its pictures. */
export async function readLabelTables(tree: FileTree, what: Medium): Promise<LabelTables> {
  const files = [...tree.files.values()];
  const find = indexFiles(files, what);
  const found: LabelTables = {
    facts: new Map(),
    numbers: new Map(),
    read: [],
    unread: [],
    texts: [],
    skipped: [],
    refused: new Set(),
    ofOtherFiles: [],
    notes: [],
  };
  for (const file of files) {
    const ending = posix.extname(file.name).toLowerCase();
    if (otherTables.includes(ending)) {
      found.unread.push({ name: file.name, why: 'tables are read from CSV, TSV and JSON lines; save it as one' });
    }
    if (!tableEndings.includes(ending) || file.holds.medium !== 'text') continue;
    if (/submission|predictions?/i.test(posix.basename(file.name))) {
      found.unread.push({ name: file.name, why: 'by its name it holds predictions' });
      continue;
    }
    const problem = await readTable(file, find, found);
    if (problem) found[ending === '.txt' ? 'texts' : 'unread'].push({ name: file.name, why: problem });
  }
  // Beside a table that labels the files, one of others is no fault of the collection.
  if (Array.from(found.facts.values()).some(({ category }) => category !== null)) {
    const reasons = found.ofOtherFiles.map((name) => `It stands in ${name} but is not there.`);
    found.skipped = found.skipped.filter(({ reason }) => !reasons.includes(reason));
  }
  return found;
}

/** `other`: what is there is no such medium. */
type FindFile = (wanted: Parameters<NameIndex>[0]) => ReturnType<NameIndex> | 'other';

function indexFiles(files: FileRef[], what: Medium): FindFile {
  const ofMedium = indexNames(files.filter((file) => isMedium(what, file)));
  const others = indexNames(files.filter((file) => !isMedium(what, file)));
  const endsAs = (file: FileRef, name: string) =>
    posix.extname(file.name).toLowerCase() === posix.extname(name).toLowerCase();
  return (wanted) => {
    const found = ofMedium(wanted);
    const ending = posix.extname(wanted.name);
    const isExact = typeof found === 'object' && 'root' in found && (ending === '' || endsAs(found, wanted.name));
    if (isExact) return found;
    // A table of sounds and pictures alike: `dog.wav` is not the sound's name for `dog.jpg`.
    const other = others(wanted);
    if (typeof other === 'object' && 'root' in other && ending !== '' && endsAs(other, wanted.name)) return 'other';
    return found;
  };
}

/** @returns why it was not read; null: it was. */
async function readTable(file: FileRef, find: FindFile, found: LabelTables): Promise<string | null> {
  if (file.bytes > longestTable) return `it is larger than ${longestTable / 2 ** 20} MB`;
  let table: Table;
  try {
    table = parseTable(file.name, await readRef(file));
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  const folder = posix.dirname(file.name);
  const lookUp = (name: string, hints: string[] = []) => find({ name, folder, hints });
  const header = readColumns(table, (cell) => cell !== '' && lookUp(cell) !== 'missing');
  if (!header) return 'it has no column that names the files';
  const { columns, names, hasHeader } = header;
  const part = parsePart(posix.basename(file.name, posix.extname(file.name)));
  const isList = !hasHeader && names.length === 1;
  if (columns.category === null && columns.fold === null && columns.split === null && !(isList && part)) {
    const wanted = 'columns for the file and the class are wanted, called file and class, or as docs/datasets.md says';
    return `of its columns (${names.join(', ')}) none is known as a class, fold or split; ${wanted}`;
  }
  const rows = hasHeader ? table.rows.slice(1) : table.rows;
  const missing: { name: string; row: number }[] = [];
  let used = 0;
  for (const row of rows) {
    const cell = (column: number | null) => (column === null ? '' : (row.cells[column] ?? ''));
    const name = cell(columns.file);
    const refuse = (reason: string) =>
      found.skipped.push({ file: name || `${file.name}, row ${row.number}`, reason, broken: true });
    const at = `Row ${row.number} of ${file.name}`;
    const extra = row.cells.slice(names.length).filter((text) => text !== '');
    if (extra.length > 0) refuse(`${at} has ${row.cells.length} cells, where its header has ${names.length}.`);
    else if (name === '') refuse(`${at} has no name in the column ${names[columns.file]}.`);
    else {
      const file_ = lookUp(name, [cell(columns.category), cell(columns.fold), cell(columns.split)]);
      if (file_ === 'other') continue;
      if (file_ === 'missing') {
        missing.push({ name, row: row.number });
        continue;
      }
      if ('ambiguous' in file_) {
        refuse(`${at} may mean ${file_.ambiguous[0]} or ${file_.ambiguous[1]}.`);
        continue;
      }
      const facts = readFacts(row, { columns, names, at, part });
      const problem =
        typeof facts === 'string' ? facts : addFacts(found, file_, { ...facts, table: file.name, row: row.number });
      if (problem) refuse(problem);
      else used++;
      const number = cell(columns.number);
      if (!problem && number !== '')
        found.numbers.set(cell(columns.category).normalize('NFC'), Number(number.replace(',', '.')));
    }
  }
  for (const { name } of missing) {
    found.skipped.push({ file: name, reason: `It stands in ${file.name} but is not there.`, broken: true });
  }
  found.read.push(file.name);
  if (used === 0 && missing.length > 0) found.ofOtherFiles.push(file.name);
  found.notes.push(describeTable(file.name, { table, columns, names, used, rows: rows.length, missing, part }));
  return null;
}

interface RowContext {
  columns: Columns;
  names: string[];
  at: string;
  /** That the table's name stands for. */
  part: ReturnType<typeof parsePart>;
}

/** @returns what is wrong, in words, where a cell cannot be read as meant. */
function readFacts(
  { cells }: TableRow,
  { columns, names, at, part }: RowContext,
): Omit<FileFacts, 'table' | 'row'> | string {
  const facts = { category: null as string | null, fold: null as number | null, split: null as Split | null, ...part };
  for (const key of ['fold', 'split'] as const) {
    const column = columns[key];
    const text = column === null ? '' : (cells[column] ?? '');
    if (text === '') continue;
    const read = parsePartCell(text);
    if (!read) {
      const wanted = key === 'fold' ? 'a number' : 'train, validation or test';
      return `${at} has "${text}" in the column ${names[column as number]}: expected ${wanted}.`;
    }
    Object.assign(facts, read);
  }
  if (columns.category !== null) {
    const category = (cells[columns.category] ?? '').normalize('NFC');
    const column = names[columns.category] as string;
    if (/^(nan|null|#n\/a)?$/i.test(category)) return `${at} has nothing in the column ${column}.`;
    const isPlural = ['classes', 'categories', 'labels', 'targets', 'tags'].includes(normalise(column));
    if (/^\[.*\]$/.test(category) || (isPlural && /[,;|]/.test(category))) {
      return `${at} has several classes in the column ${column} ("${category}"): expected one.`;
    }
    facts.category = category;
  }
  return facts;
}

/** @returns what is wrong, in words, where another row says otherwise. */
function addFacts({ facts, refused }: LabelTables, { name }: FileRef, added: FileFacts): string | null {
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

interface TableStory {
  table: Table;
  columns: Columns;
  names: string[];
  used: number;
  rows: number;
  missing: { name: string; row: number }[];
  part: ReturnType<typeof parsePart>;
}

function describeTable(name: string, { table, columns, names, used, rows, missing, part }: TableStory): string {
  const facts = (['category', 'fold', 'split'] as const).flatMap((key) => {
    const column = columns[key];
    return column === null ? [] : [`the ${key === 'category' ? 'class' : key} from ${names[column]}`];
  });
  const known = Object.values(columns);
  const others = names.filter((_, i) => !known.includes(i));
  const [first] = missing;
  return [
    `${name}: ${used} of ${rows} rows; the file from ${[names[columns.file], ...facts].join(', ')}`,
    part && columns.split === null && columns.fold === null ? `; its name says ${Object.values(part)[0]}` : '',
    others.length > 0 ? `; not read: ${others.join(', ')}` : '',
    table.encoding === 'Windows-1252' ? '; taken for Windows-1252, for it is no UTF-8' : '',
    first ? `; ${missing.length} names are not there, the first ${first.name} in row ${first.row}` : '',
    '.',
  ].join('');
}
