import { posix } from 'node:path';
import type { Skipped, Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';
import { parseCsv } from './csv.ts';
import { type FileRef, type FileTree, looksLike, openTree, readRef, stemOf } from './tree.ts';

export interface LabelledFile {
  file: FileRef;
  category: string;
  fold: number | null;
  split: Split | null;
}

export interface LabelledSet {
  /** In the order of their numbers where the table gives them, else by name. */
  categories: string[];
  files: LabelledFile[];
  /** Named in the table, but not there. */
  skipped: Skipped[];
}

/** The header names under which tables give each fact, best first. */
const columns = {
  file: ['file', 'filename'],
  category: ['class', 'category'],
  number: ['label', 'target', 'esc50_target'],
};

/**
 * A set of labelled sounds or pictures: a table (`file,class`, `filename,category`; `fold`, `split` and the class's number where
 * there are such columns), or one folder a class. Files may lie in tars.
 *
 * @throws {InputError} where there is neither.
 */
export async function readLabelled(root: string, what: 'sound' | 'picture'): Promise<LabelledSet> {
  const tree = await openTree(root);
  const table = await findTable(tree);
  const set = table ? fromTable(table, tree, what) : fromFolders(tree, what);
  if (set.files.length > 0) return set;
  const packed = [...tree.keys()].find((name) => /\.(zip|tgz|tar\.\w+)$/.test(name));
  throw new InputError(
    `Expected labelled ${what}s in ${root} (a table with the columns file and class, or one folder a class) but found none. ` +
      (packed ? `Unpack ${packed} first.` : 'Check --from.'),
  );
}

type Table = Record<string, string>[];

async function findTable(tree: FileTree): Promise<Table | null> {
  for (const file of tree.values()) {
    if (!/^(meta\/)?[^/]+\.csv$/.test(file.name)) continue;
    const rows = parseCsv((await readRef(file)).toString('utf8'));
    if (rows[0] && columnOf(rows, 'file') && columnOf(rows, 'category')) return rows;
  }
  return null;
}

function columnOf([first = {}]: Table, fact: keyof typeof columns): string | undefined {
  return columns[fact].find((column) => column in first);
}

function fromTable(rows: Table, tree: FileTree, what: 'sound' | 'picture'): LabelledSet {
  const [fileColumn, categoryColumn] = [columnOf(rows, 'file'), columnOf(rows, 'category')] as [string, string];
  const numberColumn = columnOf(rows, 'number');
  // By the name without folder and extension too: ESC-50's table names neither the folder nor what a file was converted to.
  const found = new Map<string, FileRef>();
  for (const ref of tree.values()) {
    if (!looksLike(what, ref.name)) continue;
    for (const name of [ref.name, stemOf(ref.name), posix.basename(stemOf(ref.name))]) {
      if (!found.has(name)) found.set(name, ref);
    }
  }
  const numbers = new Map<string, number>();
  const set: LabelledSet = { categories: [], files: [], skipped: [] };
  for (const row of rows) {
    const name = row[fileColumn] as string;
    const category = row[categoryColumn] as string;
    numbers.set(category, Number(numberColumn ? row[numberColumn] : 0));
    const file = found.get(name) ?? found.get(stemOf(name));
    if (file) set.files.push({ file, category, fold: Number(row.fold) || null, split: parseSplit(row.split) });
    else set.skipped.push({ file: name, reason: 'It stands in the table but is not there.', broken: true });
  }
  set.categories = [...numbers.keys()].sort(byName);
  set.categories.sort((a, b) => (numbers.get(a) as number) - (numbers.get(b) as number));
  return set;
}

function fromFolders(tree: FileTree, what: 'sound' | 'picture'): LabelledSet {
  const files = [...tree.values()].flatMap((file): LabelledFile[] => {
    const folders = posix.dirname(file.name).split('/');
    const category = folders.pop() as string;
    if (category === '.' || !looksLike(what, file.name)) return [];
    return [{ file, category, fold: null, split: splitOfFolders(folders) }];
  });
  return { categories: [...new Set(files.map(({ category }) => category))].sort(byName), files, skipped: [] };
}

/** @returns the split that one of the folders is named after. */
export function splitOfFolders(folders: string[]): Split | null {
  return folders.map(parseSplit).find((split) => split !== null) ?? null;
}

function parseSplit(name = ''): Split | null {
  const splits: Record<string, Split> = {
    train: 'train',
    training: 'train',
    val: 'validation',
    valid: 'validation',
    validation: 'validation',
    test: 'test',
  };
  return splits[name.toLowerCase()] ?? null;
}

/** By the characters' codes: the same order in every locale. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
