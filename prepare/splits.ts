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

/** The last fold is for the test, the one before for validation; of fewer than three, null: drawn by the source. */
export function splitByFold(folds: number[]): (fold: number) => Split | null {
  const [test, validation, ...training] = [...new Set(folds)].sort((a, b) => b - a);
  if (training.length === 0) return () => null;
  return (fold) => (fold === test ? 'test' : fold === validation ? 'validation' : 'train');
}
