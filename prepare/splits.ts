import { createHash } from 'node:crypto';
import type { Split } from '#core/datasets/prepared.ts';

/**
 * Draws a source's split from its name alone: it stays the same when others are added.
 *
 * @param heldOut share of the sources in validation, and as many in test.
 */
export function drawSplit(source: string, { seed, heldOut }: { seed: number; heldOut: number }): Split {
  const place = createHash('sha256').update(`${seed}:${source}`).digest().readUInt32BE() / 2 ** 32;
  if (place < heldOut) return 'test';
  return place < 2 * heldOut ? 'validation' : 'train';
}

/** What a collection says of a file; null: nothing. */
export interface OwnPart {
  split: Split | null;
  /** From 1. */
  fold: number | null;
}

export interface OwnSplits {
  /** null: the collection has none for it, and one is drawn by the source. */
  splitOf(file: OwnPart): Split | null;
  /** How they came about, for people. */
  notes: string[];
}

/**
 * The splits that a collection has itself. Where it says splits, they count, and a file of which only the fold is known is in the split that
 * all others of its fold are in. Where it says folds alone, the last is for the test, the one before for validation; of fewer than three
 * folds none follow.
 */
export function ownSplits(files: OwnPart[]): OwnSplits {
  const folds = [...new Set(files.flatMap(({ fold }) => fold ?? []))].sort((a, b) => b - a);
  if (folds.length === 0) return { splitOf: ({ split }) => split, notes: [] };
  return files.some(({ split }) => split !== null) ? besideFolds(files) : byFold(folds);
}

function besideFolds(files: OwnPart[]): OwnSplits {
  const splitsOf = new Map<number, Set<Split>>();
  for (const { split, fold } of files) {
    if (split && fold !== null) splitsOf.set(fold, (splitsOf.get(fold) ?? new Set()).add(split));
  }
  const several = Array.from(splitsOf).filter(([, splits]) => splits.size > 1);
  const inSeveral = several.map(([fold, splits]) => `fold ${fold} is in ${[...splits].join(' and ')}`).sort();
  return {
    splitOf({ split, fold }) {
      const [only = null, ...others] = (fold !== null && splitsOf.get(fold)) || [];
      return split ?? (others.length > 0 ? null : only);
    },
    notes: [
      `The splits are the collection's own; its folds are kept beside them${inSeveral.length > 0 ? `: ${inSeveral.join(', ')}` : ''}.`,
    ],
  };
}

function byFold(folds: number[]): OwnSplits {
  const [test, validation, ...training] = folds;
  if (training.length === 0) {
    return { splitOf: () => null, notes: ['Of fewer than three folds no splits follow: they are drawn.'] };
  }
  return {
    splitOf: ({ fold }) =>
      fold === null ? null : fold === test ? 'test' : fold === validation ? 'validation' : 'train',
    notes: [
      `The splits follow from the folds: ${test} is for the test, ${validation} for validation, the others train.`,
    ],
  };
}
