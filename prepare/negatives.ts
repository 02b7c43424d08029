import { mayMismatch } from '#core/datasets/pairs/mismatch.ts';
import type { Clip, Pairing, Split } from '#core/datasets/prepared.ts';

type Side = Pick<Clip, 'source' | 'categories'>;

/** Watches the clips of one split go by and tells at the end whether mismatched pairs can be drawn from them. */
export interface NegativesCheck {
  add(clip: Side & { hasSound: boolean; hasPicture: boolean }): void;
  /** @returns null, or why not. */
  problem(): string | null;
}

export function checkNegatives(pairing: Pairing, split: Split): NegativesCheck {
  let [sounds, pictures] = [0, 0];
  let [firstSound, firstPicture]: [Side | null, Side | null] = [null, null];
  let canMismatch = false;
  return {
    add(clip) {
      if (clip.hasSound) {
        sounds++;
        firstSound ??= clip;
        canMismatch ||= firstPicture !== null && mayMismatch(clip, firstPicture);
      }
      if (clip.hasPicture) {
        pictures++;
        firstPicture ??= clip;
        canMismatch ||= firstSound !== null && mayMismatch(firstSound, clip);
      }
    },
    problem() {
      if (pairing === 'none' || canMismatch) return null;
      if (sounds === 0) return `There is no sound in the ${split} split`;
      if (pictures === 0) return `There is no picture in the ${split} split`;
      const clips = `${sounds} sounds and ${pictures} pictures of the ${split} split`;
      return pairing === 'same-category' || (firstSound?.categories.length ?? 0) > 0
        ? `The ${clips} are all of one source or category`
        : `The ${clips} are all of one source`;
    },
  };
}
