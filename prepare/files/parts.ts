import type { Split } from '#core/datasets/prepared.ts';
import { InputError } from '#core/errors.ts';

/** The part of a set that a folder, a table or a cell stands for. */
export type Part = { split: Split } | { fold: number };

const words: Record<Split, string> = {
  train: 'train|training',
  validation: 'val|valid|validation|dev',
  test: 'test|testing|eval|evaluation',
};
/** What may stand beside them: `test_set`, `train2017`, `val_images`, `testing_list`; no word is made of others, so that long names are read at once. */
const beside =
  'set|split|data|images?|pictures?|photos?|audios?|sounds?|clips?|videos?|list|labels?|annotations?|metadata';
const splits = (Object.keys(words) as Split[]).map((split) => {
  const pattern = `^(?:(?:${beside})[ _-]?)*(?:${words[split]})(?:[ _-]?(?:${beside}|\\d+(?!\\d)))*$`;
  return [split, new RegExp(pattern)] as const;
});

/** @returns null for what names no part: it must not be taken for one. */
export function parsePart(text: string): Part | null {
  const name = text.trim().toLowerCase();
  const split = splits.find(([, pattern]) => pattern.test(name))?.[0];
  if (split) return { split };
  const [, fold] = /^(?:\w*[ _-])?folds?[ _-]?(\d+)$/.exec(name) ?? [];
  return fold === undefined ? null : { fold: Number(fold) };
}

const abbreviations: Record<string, Split> = { tr: 'train', trn: 'train', te: 'test', tst: 'test', holdout: 'test' };

/** A cell of a column of folds or splits: a number is a fold there, however a spreadsheet writes it (`1.0`). */
export function parsePartCell(text: string): Part | null {
  const [, fold] = /^[fk]?(\d+)(?:[.,]0+)?$/i.exec(text.trim()) ?? [];
  if (fold !== undefined) return { fold: Number(fold) };
  const split = abbreviations[text.trim().toLowerCase()];
  return split ? { split } : parsePart(text);
}

type PartKey = 'fold' | 'split';

/** What a row says in its columns of folds and splits: either may hold the other. */
export interface RowPart {
  part: { fold?: number; split?: Split };
  /** What was found in each column. */
  held: Partial<Record<PartKey, PartKey>>;
}

/**
 * @param cells of either column its text, empty where there is none, and its name.
 * @param at the row and its table, for messages.
 * @throws {InputError} for a cell that cannot be read as meant, and for two that contradict each other.
 */
export function readRowPart(cells: Record<PartKey, { text: string; column: string }>, at: string): RowPart {
  const row: RowPart = { part: {}, held: {} };
  for (const key of ['fold', 'split'] as const) {
    const { text, column } = cells[key];
    if (text === '') continue;
    const part = parsePartCell(text);
    if (!part) {
      const wanted = key === 'fold' ? 'a whole number from 0 or 1 on' : 'train, validation or test';
      throw new InputError(`${at} has "${text}" in the column ${column}: expected ${wanted}.`);
    }
    const held = 'fold' in part ? 'fold' : 'split';
    const before = row.part[held];
    Object.assign(row.part, part);
    if (before !== undefined && before !== row.part[held]) {
      throw new InputError(
        `${at} has the ${held} ${before} in ${cells.fold.column} and ${row.part[held]} in ${column}.`,
      );
    }
    row.held[key] = held;
  }
  return row;
}

/** Folds that count from 0, as programs do, are counted from 1. */
export function countFoldsFromOne<T extends { fold: number | null }>(files: T[]): { files: T[]; notes: string[] } {
  if (!files.some(({ fold }) => fold === 0)) return { files, notes: [] };
  const last = Math.max(...files.map(({ fold }) => fold ?? 0));
  return {
    files: files.map((file) => ({ ...file, fold: file.fold === null ? null : file.fold + 1 })),
    notes: [`Folds 0 to ${last} are counted from 1: they are folds 1 to ${last + 1} here.`],
  };
}
