import { Random } from '../../random.ts';

/**
 * An endless sequence in which everything occurs equally often: one shuffle of all of it after the other.
 *
 * @returns the item (0 … `count` − 1) at any position of the sequence, in any order of asking.
 */
export function evenDraws(count: number, seed: number): (position: number) => number {
  const shuffles = new Map<number, Int32Array>();
  return (position) => {
    const epoch = Math.floor(position / count);
    let shuffle = shuffles.get(epoch);
    if (!shuffle) {
      if (shuffles.size === 2) shuffles.delete(shuffles.keys().next().value as number); // a batch spans two at most
      shuffle = shuffled(count, new Random(seed, epoch));
      shuffles.set(epoch, shuffle);
    }
    return shuffle[position % count] as number;
  };
}

/** Fisher–Yates, over numbers side by side: two million of them take 8 MB. */
function shuffled(count: number, random: Random): Int32Array {
  const items = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [items[i], items[j]] = [items[j] as number, items[i] as number];
  }
  return items;
}
