import { parsePart, parsePartCell } from './parts.ts';
import type { Table, TableRow } from './table.ts';

/** What a column may tell of a file. */
export type Fact = 'file' | 'category' | 'fold' | 'split';

/**
 * The names under which tables give each fact, best first; upper and lower case, spaces, `_` and `-` make no difference.
 * `docs/datasets.md` lists them.
 */
export const columnNames: Record<Fact, string[]> = {
  file: (
    'file filename filepath path relativepath fullpath files filenames filepaths paths fname slicefilename ' +
    'image imagefile imagename imagepath imagefilename img imgfile imgname imgpath picture picturefile photo photofile ' +
    'audio audiofile audioname audiopath audiofilename sound soundfile soundpath wav wavfile wavpath recording clip ' +
    'id imageid imgid photoid pictureid audioid soundid clipid fileid recordingid uuid name'
  ).split(' '),
  category: (
    'class category label target classname categoryname labelname classlabel classes categories labels targets species breed ' +
    'digit animal object scene scenelabel eventlabel primarylabel commonname tag tags genre emotion instrument word wnid synset ' +
    'classid categoryid labelid targetid esc50target y name'
  ).split(' '),
  fold: 'fold folds foldid foldnumber kfold cvfold testfold cv'.split(' '),
  split: 'split set subset partition phase usage datasplit splitname settype'.split(' '),
};

export function normalise(column: string): string {
  return column
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** Which column tells what, by its position. */
export interface Columns {
  file: number;
  category: number | null;
  /** The class's number, for the order of the classes. */
  number: number | null;
  fold: number | null;
  split: number | null;
}

export interface ReadHeader {
  columns: Columns;
  hasHeader: boolean;
  /** As the header has them; of a table without one, `column 2`. */
  names: string[];
}

/** @param isFile whether a cell names a file that is looked for. @returns null for a table that names none, by any column. */
export function readColumns({ rows }: Table, isFile: (cell: string) => boolean): ReadHeader | null {
  const [first, ...others] = rows;
  if (!first) return null;
  const keys = first.cells.map(normalise);
  if (keys.some(isKnown) && !first.cells.some((cell) => isFile(cell) && hasEnding(cell))) {
    return readNamed(first.cells, bodyOf(others, isFile));
  }
  return readUnnamed(
    first.cells,
    bodyOf(rows, (cell) => (hasEnding(cell) || (rows.length > 2 && !isNumber(cell))) && isFile(cell)),
  );
}

function isKnown(key: string): boolean {
  return Object.values(columnNames).some((names) => names.includes(key));
}

/** Without a header that says so, it is no file's name; nor is the one word of a text. */
function isNumber(cell: string): boolean {
  return /^-?\d*([.,]\d*)?$/.test(cell);
}

function hasEnding(cell: string): boolean {
  return /\.[a-z]\w{1,4}$/i.test(cell);
}

interface Body {
  body: string[][];
  isFile: (cell: string) => boolean;
  /** Of the first rows: those whose cell in a column names a file. */
  shareOfFiles: (column: number) => number;
}

function bodyOf(rows: TableRow[], isFile: (cell: string) => boolean): Body {
  const body = rows.map(({ cells }) => cells);
  const sample = body.slice(0, 200);
  const count = (column: number) => sample.filter((cells) => isFile(cells[column] ?? '')).length;
  return { body, isFile, shareOfFiles: (column) => count(column) / Math.max(1, sample.length) };
}

function readNamed(names: string[], { body, shareOfFiles }: Body): ReadHeader | null {
  const keys = names.map(normalise);
  const known = (fact: Fact) =>
    columnNames[fact].flatMap((name) => keys.flatMap((key, i) => (key === name ? [i] : [])));
  const candidates = known('file');
  const unknown = [...keys.keys()].filter((i) => !isKnown(keys[i] as string));
  const file =
    candidates.find((i) => shareOfFiles(i) > 0) ?? unknown.find((i) => shareOfFiles(i) >= 0.5) ?? candidates[0];
  if (file === undefined) return null;
  const categories = known('category').filter((i) => i !== file);
  const holdsNumbers = (i: number) => body.every((cells) => isNumber(cells[i] ?? ''));
  const category = categories.find((i) => !holdsNumbers(i)) ?? categories[0] ?? null;
  const number =
    categories.find((i) => i !== category && holdsNumbers(i) && isOneToOne(body, i, category as number)) ?? null;
  // Of the vaguer names only a column that holds parts of a set.
  const holdsParts = (i: number) =>
    ['fold', 'split'].includes(keys[i] as string) || body.some((cells) => parsePartCell(cells[i] ?? ''));
  const [fold = null] = known('fold').filter(holdsParts);
  const [split = unknown.find((i) => i !== file && holdsSplits(body, i)) ?? null] = known('split').filter(holdsParts);
  return { columns: { file, category, number, fold, split }, hasHeader: true, names };
}

/** Lists without a header: `NAME`, `NAME CLASS`, and what has one column of text beside the names. */
function readUnnamed(first: string[], { body, isFile, shareOfFiles }: Body): ReadHeader | null {
  const all = [...first.keys()];
  const file = all.find((i) => shareOfFiles(i) >= 0.5);
  if (file === undefined) return null;
  const nothing = { number: null, fold: null, split: null };
  // A header of names that are not known.
  if (body.length > 1 && !isFile(first[file] as string)) {
    return { columns: { file, category: null, ...nothing }, hasHeader: true, names: first };
  }
  const rest = all.filter((i) => i !== file);
  // Numbers that never come twice count the files.
  const repeats = (i: number) => new Set(body.map((cells) => cells[i])).size < body.length;
  const texts = rest.filter((i) => body.some((cells) => !isNumber(cells[i] ?? '')));
  const [category = null] = texts.length === 1 ? texts : rest.length === 1 ? rest.filter(repeats) : [];
  return { columns: { file, category, ...nothing }, hasHeader: false, names: all.map((i) => `column ${i + 1}`) };
}

/** Whatever such a column is called: nothing but splits, several of them. */
function holdsSplits(body: string[][], column: number): boolean {
  const cells = new Set(body.map((cells) => cells[column] ?? ''));
  const parts = Array.from(cells, (cell) => parsePart(cell));
  return parts.every((part) => part && 'split' in part) && new Set(parts.map((part) => JSON.stringify(part))).size > 1;
}

/** Whether each class has one number and each number one class. */
function isOneToOne(body: string[][], a: number, b: number): boolean {
  const pairs = new Set(body.map((cells) => JSON.stringify([cells[a], cells[b]])));
  const distinct = (i: number) => new Set(body.map((cells) => cells[i])).size;
  return pairs.size === distinct(a) && pairs.size === distinct(b);
}
