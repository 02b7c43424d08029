import { InputError } from '#core/errors.ts';
import type { TestSet } from './testSet.ts';

/** Whether photos of each category go better with sounds of their own than with those of one other category. */
export interface AgainstCategory {
  category: string;
  /** Categories whose mean score is higher with their own sounds. */
  better: number;
  /** Of all that have both, but the one itself. */
  of: number;
  categories: {
    category: string;
    /** Mean scores. */
    own: number;
    other: number;
    /** Of all choices of a photo, a sound of its own and one of the other: the share in which its own scores higher. */
    share: number;
  }[];
}

/** Of each category: enough for means that stand still. */
const mostItems = 40;

/**
 * @param category whose sounds are the others.
 * @throws {InputError} for a category that has no sounds.
 * @returns null where the pairs are not by category.
 */
export async function judgeAgainst(
  { sounds, pictures }: TestSet['pairs'],
  {
    category: other,
    score,
  }: { category: string; score: (pairs: { sound: number; picture: number }[]) => Promise<Float32Array> },
): Promise<AgainstCategory | null> {
  const heard = rowsByCategory(sounds);
  const seen = rowsByCategory(pictures);
  if (heard.size === 0 || seen.size === 0) return null;
  const others = heard.get(other);
  if (!others) {
    throw new InputError(
      `There are no sounds of ${other} to compare with. There are: ${[...heard.keys()].join(', ')}.`,
    );
  }
  const categories: AgainstCategory['categories'] = [];
  for (const category of [...seen.keys()].sort()) {
    const own = heard.get(category);
    if (!own || category === other) continue;
    const photos = (seen.get(category) as number[]).filter((row) => !pictures[row]?.categories.includes(other));
    if (photos.length === 0) continue;
    const scoresWith = async (list: number[]) => {
      const scores = await score(photos.flatMap((picture) => list.map((sound) => ({ sound, picture }))));
      return photos.map((_, i) => [...scores.subarray(i * list.length, (i + 1) * list.length)]);
    };
    const [withOwn, withOther] = [await scoresWith(own), await scoresWith(others)];
    const wins = withOwn.map((row, i) =>
      mean(row.flatMap((a) => (withOther[i] as number[]).map((b) => Number(a > b)))),
    );
    categories.push({ category, own: mean(withOwn.flat()), other: mean(withOther.flat()), share: mean(wins) });
  }
  const better = categories.filter(({ own, other }) => own > other).length;
  return { category: other, better, of: categories.length, categories };
}

/** At most {@link mostItems} of each, spread over all there are. */
function rowsByCategory(items: readonly { categories: string[] }[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, { categories }] of items.entries()) {
    for (const category of categories) rows.set(category, [...(rows.get(category) ?? []), row]);
  }
  for (const [category, all] of rows) {
    const stride = Math.ceil(all.length / mostItems);
    rows.set(
      category,
      all.filter((_, i) => i % stride === 0),
    );
  }
  return rows;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
