import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { writeAtomically } from '#node/atomic.ts';
import type { Tools } from '../tools.ts';

/** The folds of the nature sets: the fifth tests, every fifth source of the fourth calibrates and is fold 6, all else trains. */
export const natureFolds = { test: 5, calibration: 6 };

type Row = Record<string, string>;

/** ESC-50 and the sounds from other sources, as one collection. */
export async function natureSounds(tools: Tools): Promise<string> {
  const [esc50, others] = [tools.collection('esc50'), tools.collection('esc50_sounds2')];
  const rows = [
    ...(await readTable(join(esc50, 'meta/esc50.csv'))).map((row) =>
      line(row, { file: row.filename, number: row.target, source: `esc${row.src_file}` }),
    ),
    ...(await readTable(join(others, 'sounds.csv'))).map((row) =>
      line(row, { file: row.file, number: row.esc50_target, source: `${row.source_repo}${row.source_path}` }),
    ),
  ];
  const tars = [1, 2, 3, 4, 5].map((fold) => join(esc50, `audio-fold${fold}.tar`));
  return collect(tools, 'nature_sounds', {
    tars: [...tars, join(others, 'sounds.tar')],
    table: 'meta/sounds.csv',
    rows,
  });
}

export async function naturePhotos(tools: Tools): Promise<string> {
  const photos = tools.collection('esc50_photos2');
  const rows = (await readTable(join(photos, 'photos.csv'))).map((row) =>
    line(row, { file: row.file, number: row.esc50_target, source: row.file as string }),
  );
  return collect(tools, 'nature_photos', { tars: [join(photos, 'images.tar')], table: 'photos.csv', rows });
}

/** Labelled photos, to tell their categories. @param from their collection. */
export function preparePhotos(
  tools: Tools,
  { name, from, shortSide }: { name: string; from: string; shortSide: number },
): Promise<string> {
  const args = ['imagenet-val', '--from', from, '--short-side', `${shortSide}`, '--name', name];
  return tools.dataset(`${name}-${shortSide}`, args);
}

async function readTable(file: string): Promise<Row[]> {
  return parse(await readFile(file, 'utf8'), { columns: true });
}

function line(
  { fold, category }: Row,
  { file, number, source }: { file?: string | undefined; number?: string | undefined; source: string },
): Row {
  const calibrates = fold === '4' && isFifth(source);
  const own = calibrates ? String(natureFolds.calibration) : (fold as string);
  const split = calibrates ? 'validation' : fold === String(natureFolds.test) ? 'test' : 'train';
  return { filename: file as string, category: category as string, target: number as string, fold: own, split };
}

function isFifth(source: string): boolean {
  return BigInt(`0x${createHash('sha256').update(source).digest('hex')}`) % 5n === 0n;
}

async function collect(
  { work }: Tools,
  name: string,
  { tars, table, rows }: { tars: string[]; table: string; rows: Row[] },
): Promise<string> {
  const folder = join(work, 'collections', name);
  await mkdir(join(folder, 'meta'), { recursive: true });
  for (const tar of tars) {
    const link = join(folder, tar.split('/').at(-1) as string);
    await rm(link, { force: true });
    await symlink(resolve(tar), link);
  }
  const columns = ['filename', 'category', 'target', 'fold', 'split'];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  await writeAtomically(join(folder, table), lines.map((cells) => `${cells.join(',')}\n`).join(''));
  return folder;
}
