import type { Split } from '#core/datasets/prepared.ts';

/** The part of a set that a folder, a table or a cell stands for. */
export type Part = { split: Split } | { fold: number };

const words: Record<Split, string> = {
  train: 'train|training',
  validation: 'val|valid|validation|dev',
  test: 'test|testing|eval|evaluation',
};
/** What may stand beside them: `test_set`, `train2017`, `val_images`, `testing_list`. */
const beside =
  'set|split|data|dataset|images?|pictures?|photos?|audios?|sounds?|clips?|videos?|list|labels?|annotations?|metadata';
const splits = (Object.keys(words) as Split[]).map((split) => {
  const pattern = `^(?:(?:${beside})[ _-]?)*(?:${words[split]})(?:[ _-]?(?:${beside}|\\d+))*$`;
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
