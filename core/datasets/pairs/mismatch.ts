import type { Clip } from '../prepared.ts';

type Origin = Pick<Clip, 'source' | 'categories'>;

/** Whether one's sound and the other's picture may be shown as not belonging together. */
export function mayMismatch(one: Origin, other: Origin): boolean {
  return one.source !== other.source && !one.categories.some((category) => other.categories.includes(category));
}

/** Asks for the first hundred sounds: where not even they find a picture among all, the set is of one source or one category. */
export function anyMayMismatch(sounds: Clip[], pictures: Clip[]): boolean {
  return sounds.slice(0, 100).some((sound) => pictures.some((picture) => mayMismatch(sound, picture)));
}
