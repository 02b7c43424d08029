import { posix } from 'node:path';
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { InputError } from '#core/errors.ts';
import { decodeText } from './text.ts';

/** A table as it is written; whether its first row is a header is for its readers to say. */
export interface Table {
  name: string;
  rows: TableRow[];
  encoding: string;
}

export interface TableRow {
  /** As a spreadsheet or an editor counts it, from 1. */
  number: number;
  /** Without the space around them. */
  cells: string[];
}

/** @returns what is wrong with a row of more cells than its header has, as where a comma is not quoted; null: it has no more. */
export function surplusCells(
  { number, cells }: TableRow,
  { table, header }: { table: string; header: string[] },
): string | null {
  if (cells.slice(header.length).every((text) => text === '')) return null;
  return `Row ${number} of ${table} has ${cells.length} cells, where its header has ${header.length}.`;
}

/**
 * CSV with commas, semicolons, tabs or bars, quoted where need be (RFC 4180), in any encoding of {@link decodeText}; JSON lines, or a JSON
 * array, of flat objects; columns parted by spaces where there is nothing else.
 *
 * @throws {InputError} that names the table, and the row where it cannot be read.
 */
export function parseTable(name: string, bytes: Uint8Array): Table {
  const { text: written, encoding } = decodeText(bytes);
  const text = written.replace(/^\ufeff/, '');
  if (/^\s*[[{]/.test(text)) return { name, encoding, rows: parseJsonRows(name, text) };
  // What Excel reads, and writes, to say which delimiter follows.
  const [line = '', said] = /^sep=(.)\r?\n/i.exec(text) ?? [];
  const body = text.slice(line.length);
  const delimiter = said ?? findDelimiter(body, posix.extname(name).toLowerCase() !== '.csv');
  const above = line ? 1 : 0;
  try {
    const rows = parseRows(body, delimiter).map((row) => ({ ...row, number: row.number + above }));
    return { name, encoding, rows: withoutComments(rows) };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new InputError(`${name} cannot be read as a table: ${cause.message}.`, 'invalid_request', { cause });
  }
}

function parseRows(text: string, delimiter: string): TableRow[] {
  const records = parse(text, {
    delimiter,
    info: true,
    ltrim: delimiter !== '\t' && delimiter !== ' ', // before a quote
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  return records
    .map(({ record, info }) => ({ number: info.lines, cells: record.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
}

/** Lines above the table that begin with `#`; a header may begin so too, without a space behind it. */
function withoutComments(rows: TableRow[]): TableRow[] {
  const isComment = ({ cells }: TableRow) => cells[0]?.startsWith('#');
  const start = rows.findIndex((row) => !isComment(row));
  const above = rows[start - 1]?.cells ?? [];
  const isHeader = above.length === rows[start]?.cells.length && /^#\S/.test(above[0] ?? '');
  return start <= 0 ? rows : rows.slice(isHeader ? start - 1 : start);
}

/** The one that parts the first rows into as many cells as the first of them has. */
function findDelimiter(text: string, mayBeSpace: boolean): string {
  const sample = text.split(/\r\n|\r|\n/, 50).filter((line) => line !== '' && !line.startsWith('# '));
  let best = { delimiter: ',', share: 0, width: 1 };
  for (const delimiter of [',', ';', '\t', '|', ...(mayBeSpace ? [' '] : [])]) {
    const widths = sample.map((line) => cellsOf(line, delimiter));
    const [width = 1] = widths;
    const share = widths.filter((other) => other === width).length / widths.length;
    if (width === 1 || (delimiter === ' ' && best.width > 1)) continue;
    if (share > best.share || (share === best.share && width > best.width)) best = { delimiter, share, width };
  }
  return best.delimiter;
}

function cellsOf(line: string, delimiter: string): number {
  return line.replace(/"[^"]*"/g, '').split(delimiter).length;
}

function parseJsonRows(name: string, text: string): TableRow[] {
  const objects = parseObjects(text);
  if (!objects?.length || !objects.every(isFlat)) {
    throw new InputError(`${name} cannot be read as a table: expected JSON lines, or an array, of flat objects.`);
  }
  const columns = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const cell = (value: unknown) =>
    value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const rows = objects.map((object, i) => ({
    number: i + 1,
    cells: columns.map((column) => cell(object[column]).trim()),
  }));
  return [{ number: 0, cells: columns }, ...rows];
}

function isFlat(object: unknown): object is Record<string, unknown> {
  return typeof object === 'object' && object !== null && !Array.isArray(object);
}

function parseObjects(text: string): unknown[] | null {
  const attempt = (part: string): unknown => {
    try {
      return JSON.parse(part);
    } catch {
      return undefined;
    }
  };
  const whole = attempt(text);
  if (Array.isArray(whole)) return whole;
  if (typeof whole === 'object' && whole !== null) {
    const entries = Object.entries(whole);
    const areAll = (isKind: (value: unknown) => boolean) =>
      entries.length > 1 && entries.every(([, value]) => isKind(value));
    // NAME: CLASS, or NAME: { … }
    if (areAll((value) => ['string', 'number'].includes(typeof value))) {
      return entries.map(([file, category]) => ({ file, class: category }));
    }
    return areAll(isFlat) ? entries.map(([file, facts]) => ({ file, ...facts })) : [whole];
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const objects = lines.map(attempt);
  return objects.includes(undefined) ? null : objects;
}
