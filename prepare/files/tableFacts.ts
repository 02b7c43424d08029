import { posix } from 'node:path';
import type { Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { type Columns, normalise, type ReadHeader, readColumns } from './columns.ts';
import type { NameIndex, Wanted } from './nameIndex.ts';
import { type Part, parsePart, readRowPart } from './parts.ts';
import { parseTable, surplusCells, type Table, type TableRow } from './table.ts';
import { type FileRef, readRef } from './tree.ts';

/** What a row says of a file. */
export interface RowFacts {
  category: string | null;
  fold: number | null;
  split: Split | null;
}

/** What a table says. */
export interface TableFacts {
  name: string;
  rows: { file: FileRef; facts: RowFacts; row: number; classNumber: number | null }[];
  /** Rows that cannot be read as meant: the file as it is written there, and the one that it means; and what is wrong. */
  refused: { file: string; means: string | null; reason: string }[];
  /** Names of files that are not there. */
  missing: { name: string; row: number }[];
  /** What was found in the columns of folds and of splits: either may hold the other. */
  held: Record<'fold' | 'split', Set<'fold' | 'split'>>;
  /** How it was understood, for people. */
  note: string;
}

/** `other`: what is there is no such sound, or picture. */
export type FindFile = (wanted: Wanted) => ReturnType<NameIndex> | 'other';

const wanted = 'columns for the file and the class are wanted, called file and class, or as docs/datasets.md says';

const longestTable = 256 * 2 ** 20;

/** @returns why it is no table of such files, in words, where it is none. */
export async function readTableFacts(file: FileRef, find: FindFile): Promise<TableFacts | string> {
  if (file.bytes > longestTable) return `it is larger than ${longestTable / 2 ** 20} MB`;
  let table: Table;
  try {
    table = parseTable(file.name, await readRef(file));
  } catch (error) {
    if (error instanceof InputError) return error.message.replace(/\.$/, '');
    throw error;
  }
  const folder = posix.dirname(file.name);
  const header = readColumns(table, (cell) => cell !== '' && find({ name: cell, folder, hints: [] }) !== 'missing');
  if (!header) return `it has no column that names the files; ${wanted}`;
  const twice = differingTwins(table, header);
  if (twice) return `two of its columns are called ${twice}, and they differ; ${wanted}`;
  const { columns, names, hasHeader } = header;
  const partOfName = parsePart(posix.basename(file.name, posix.extname(file.name)));
  const isList = !hasHeader && names.length === 1;
  if (columns.category === null && columns.fold === null && columns.split === null && !(isList && partOfName)) {
    return `of its columns (${names.join(', ')}) none is known as a class, fold or split; ${wanted}`;
  }
  const rows = hasHeader ? table.rows.slice(1) : table.rows;
  const read: TableFacts = {
    name: file.name,
    rows: [],
    refused: [],
    missing: [],
    note: '',
    held: { fold: new Set(), split: new Set() },
  };
  for (const row of rows) {
    try {
      readRow(row, { columns, names, table: file.name, folder, partOfName, find }, read);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const name = row.cells[columns.file] ?? '';
      const found = name === '' ? 'missing' : find({ name, folder, hints: [] });
      const means = typeof found === 'object' && 'name' in found ? found.name : null;
      read.refused.push({ file: name || `${file.name}, row ${row.number}`, means, reason: error.message });
    }
  }
  return { ...read, note: describeTable(read, { table, columns, names, partOfName, rows: rows.length }) };
}

/** @returns the name of a column that is read, and that another has whose cells are not the same. */
function differingTwins({ rows }: Table, { columns, names, hasHeader }: ReadHeader): string | undefined {
  if (!hasHeader) return undefined;
  const read = Object.values(columns).filter((column): column is number => column !== null);
  const column = read.find((column) =>
    names.some(
      (name, other) =>
        other !== column &&
        normalise(name) === normalise(names[column] as string) &&
        rows.slice(1).some(({ cells }) => (cells[other] ?? '') !== (cells[column] ?? '')),
    ),
  );
  return column === undefined ? undefined : names[column];
}

interface RowContext {
  columns: Columns;
  names: string[];
  table: string;
  folder: string;
  /** That the table's name stands for. */
  partOfName: Part | null;
  find: FindFile;
}

/** @throws {InputError} for a row that cannot be read as meant. */
function readRow(
  row: TableRow,
  { columns, names, table, folder, partOfName, find }: RowContext,
  read: TableFacts,
): void {
  const cell = (column: number | null) => (column === null ? '' : (row.cells[column] ?? ''));
  const nameOf = (key: 'fold' | 'split' | 'category') => names[columns[key] as number] as string;
  const at = `Row ${row.number} of ${table}`;
  const name = cell(columns.file);
  const surplus = surplusCells(row, { table, header: names });
  if (surplus) throw new InputError(surplus);
  if (name === '') throw new InputError(`${at} has no name in the column ${names[columns.file]}.`);
  const found = find({ name, folder, hints: [cell(columns.category), cell(columns.fold), cell(columns.split)] });
  if (found === 'other') return;
  if (found === 'missing') {
    read.missing.push({ name, row: row.number });
    return;
  }
  if ('ambiguous' in found) throw new InputError(`${at} may mean ${found.ambiguous.join(' or ')}.`);
  const partCell = (key: 'fold' | 'split') => ({ text: cell(columns[key]), column: nameOf(key) });
  const { part, held } = readRowPart({ fold: partCell('fold'), split: partCell('split') }, at);
  for (const key of ['fold', 'split'] as const) if (held[key]) read.held[key].add(held[key]);
  // A cell says more than the table's name.
  const facts: RowFacts = { category: null, fold: null, split: null, ...partOfName, ...part };
  if (columns.category !== null) {
    facts.category = readCategory(cell(columns.category), { at, column: nameOf('category') });
  }
  const number = cell(columns.number);
  const classNumber = number === '' ? null : Number(number.replace(',', '.'));
  read.rows.push({ file: found, facts, row: row.number, classNumber });
}

function readCategory(text: string, { at, column }: { at: string; column: string }): string {
  if (/^(nan|null|#n\/a)?$/i.test(text)) throw new InputError(`${at} has nothing in the column ${column}.`);
  const isPlural = ['classes', 'categories', 'labels', 'targets', 'tags'].includes(normalise(column));
  if (/^\[.*\]$/.test(text) || (isPlural && /[,;|]/.test(text))) {
    throw new InputError(`${at} has several classes in the column ${column} ("${text}"): expected one.`);
  }
  return text.normalize('NFC');
}

interface TableStory {
  table: Table;
  columns: Columns;
  names: string[];
  partOfName: Part | null;
  rows: number;
}

function describeTable(read: TableFacts, { table, columns, names, partOfName, rows }: TableStory): string {
  const nameOf = (column: number) => names[column] as string;
  const used = [columns.file];
  const facts = [`the file from ${nameOf(columns.file)}`];
  const tell = (column: number | null, what: string[]) => {
    if (column === null || what.length === 0) return;
    used.push(column);
    facts.push(`the ${what.join(' and ')} from ${nameOf(column)}`);
  };
  tell(columns.category, ['class']);
  tell(columns.fold, [...read.held.fold]);
  tell(columns.split, [...read.held.split]);
  tell(columns.number, ["classes' order"]);
  const others = names.map((name, i) => name || `column ${i + 1}`).filter((_, i) => !used.includes(i));
  const [first] = read.missing;
  return [
    `${read.name}: ${read.rows.length} of ${rows} rows; ${facts.join(', ')}`,
    partOfName && columns.split === null && columns.fold === null
      ? `; its name says ${Object.values(partOfName)[0]}`
      : '',
    others.length > 0 ? `; not read: ${others.join(', ')}` : '',
    table.encoding === 'Windows-1252' ? '; taken for Windows-1252, for it is no UTF-8' : '',
    first ? `; ${read.missing.length} names are not there, the first ${first.name} in row ${first.row}` : '',
    '.',
  ].join('');
}
