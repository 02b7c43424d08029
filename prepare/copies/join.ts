import type { Split } from '#core/datasets/prepared.ts';
import { byName, type FileRef } from '../files/tree.ts';
import type { Item, Listing } from '../kinds/kind.ts';

/** Of splits that share a copy, the first keeps it: what is tested on has not been trained on. */
export const keptFirst: Split[] = ['test', 'validation', 'train'];

/**
 * Items whose files are all the same come into one split. Where the collection itself has them in two splits, they stay in one and are left
 * out of the other; its folds are a protocol, and stay as they are. Either is said.
 *
 * @param copies files of the same bytes.
 */
export function joinCopies<T extends Item>(
  listing: Listing<T>,
  copies: FileRef[][],
  filesOf: (item: T) => FileRef[],
): Listing<T> {
  const groups = groupItems(listing.items, copies, filesOf);
  if (groups.length === 0) return listing;
  const { leftOut, notes } = leaveOutOfSplits(listing.items, groups);
  const folded = findFolded(groups);
  const skipped = Array.from(leftOut, ([{ id }, reason]) => ({ file: id, reason, broken: false }));
  return {
    ...listing,
    items: drawTogether(
      listing.items.filter((item) => !leftOut.has(item)),
      { groups, folded },
    ),
    skipped: [...listing.skipped, ...skipped],
    notes: [
      ...listing.notes,
      `${groups.flat().length} items are copies of ${groups.length} of them, byte for byte.`,
      ...notes,
      ...contradictions(groups),
      ...inSeveralFolds(groups),
      ...besideFolded(folded),
    ],
  };
}

function groupItems<T extends Item>(items: T[], copies: FileRef[][], filesOf: (item: T) => FileRef[]): T[][] {
  const numbers = new Map(copies.flatMap((files, number) => files.map((file) => [file, number] as const)));
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const content = filesOf(item).map((file) => numbers.get(file));
    if (content.length === 0 || content.includes(undefined)) continue;
    const key = content.sort().join();
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** What the collection has in two splits of its own. */
function leaveOutOfSplits<T extends Item>(items: T[], groups: T[][]): { leftOut: Map<T, string>; notes: string[] } {
  const leftOut = new Map<T, string>();
  for (const group of groups) {
    const [first, ...others] = group.filter(({ split, fold }) => split !== null && fold === null).sort(bySplit);
    for (const item of others) {
      if (first && item.split !== first.split) {
        leftOut.set(item, `It is a copy of what is in the ${first.split} split: ${first.id}.`);
      }
    }
  }
  for (const split of keptFirst) {
    const all = items.filter((item) => item.split === split);
    const out = all.filter((item) => leftOut.has(item)).length;
    if (out === 0 || 2 * out <= all.length) continue;
    const note = `${out} of ${all.length} items of the ${split} split are copies of others in other splits: too many to leave out.`;
    return { leftOut: new Map(), notes: [note] };
  }
  return { leftOut, notes: [] };
}

function bySplit(a: Item, b: Item): number {
  return keptFirst.indexOf(a.split as Split) - keptFirst.indexOf(b.split as Split) || byName(a.id, b.id);
}

/** Of each item without fold and split the one, of the same files, whose fold and split become its own. */
function findFolded<T extends Item>(groups: T[][]): Map<T, T> {
  return new Map(
    groups.flatMap((group) => {
      const [folded] = group.filter(({ fold }) => fold !== null).sort((a, b) => byName(a.id, b.id));
      if (!folded) return [];
      return group.filter(({ split, fold }) => split === null && fold === null).map((item) => [item, folded] as const);
    }),
  );
}

/** The splits that are drawn: one for all of a group, and the collection's own where one of them has it. */
function drawTogether<T extends Item>(items: T[], { groups, folded }: { groups: T[][]; folded: Map<T, T> }): T[] {
  const parents = new Map<string, string>();
  const rootOf = (source: string): string => {
    let root = source;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  for (const [first, ...others] of groups) {
    for (const { source } of others) {
      const [a, b] = [rootOf((first as T).source), rootOf(source)].sort(byName) as [string, string];
      if (a !== b) parents.set(b, a);
    }
  }
  const own = new Map<string, Split | null>();
  const placed = items.filter(({ split, fold }) => split !== null && fold === null);
  for (const { source, split } of placed.sort(bySplit).reverse()) own.set(rootOf(source), split);
  return items.map((item) => {
    const drawnBy = rootOf(item.source);
    const { fold, split } = folded.get(item) ?? item;
    if (fold !== null) return { ...item, drawnBy, fold, split };
    return { ...item, drawnBy, split: split ?? own.get(drawnBy) ?? null };
  });
}

/** Copies that are labelled differently. */
function contradictions(groups: Item[][]): string[] {
  const differing = groups.filter((items) => new Set(items.map(({ categories }) => categories.join())).size > 1);
  return say(differing, 'files have copies of another class', ({ categories }) => categories.join(', '));
}

function inSeveralFolds(groups: Item[][]): string[] {
  const differing = groups.filter((items) => isInSeveral(items, 'fold'));
  return say(differing, 'files have copies in another fold', ({ fold }) => `fold ${fold}`);
}

function besideFolded(folded: Map<Item, Item>): string[] {
  return say([...folded], 'files without a fold are in that of their copy', ({ fold }) =>
    fold === null ? 'no fold' : `fold ${fold}`,
  );
}

function isInSeveral(items: Item[], part: 'fold' | 'split'): boolean {
  return new Set(items.flatMap((item) => item[part] ?? [])).size > 1;
}

function say([first, ...others]: Item[][], what: string, place: (item: Item) => string): string[] {
  if (!first) return [];
  const named = first.slice(0, 3).map((item) => `${item.id} (${place(item)})`);
  return [`${1 + others.length} ${what}, such as ${named.join(' and ')}.`];
}
