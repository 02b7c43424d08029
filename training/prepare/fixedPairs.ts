import { type Clip, type FixedPair, fixedPairSeconds, type Pairing } from '#core/datasets/prepared.ts';
import { Random } from '#core/random.ts';
import { mayMismatch } from './negatives.ts';

/** A sound and a picture that belong together. */
interface Match {
  sound: { clip: Clip; startSeconds: number };
  picture: { clip: Clip; index: number };
}

const fewest = 1000;
/** Of clips; of a larger split the first ones, which are an even mix. */
export const mostClips = 5000;

/**
 * The fixed list that a split is judged by. Every clip is drawn equally often (by-class: as often as its category allows), and each
 * drawn sound and each drawn picture stands once in a match and once in a mismatch: neither side alone tells which pairs correspond.
 *
 * @returns empty where no mismatch can be drawn.
 */
export function drawFixedPairs(clips: Clip[], { pairing, seed }: { pairing: Pairing; seed: number }): FixedPair[] {
  const random = new Random(seed, 1);
  const matches = pairing === 'same-clip' ? matchMoments(clips, random) : matchCategories(clips, random);
  const pictures = mismatch(random.shuffle(matches), random);
  const pairs = matches.flatMap(({ sound, picture }, i) => {
    const other = pictures[i] as Match['picture'];
    // A match whose sound found no other picture is left out with it, so that half the pairs correspond.
    return mayMismatch(sound.clip, other.clip) ? [toPair(sound, picture, true), toPair(sound, other, false)] : [];
  });
  return random.shuffle(pairs);
}

function toPair(sound: Match['sound'], picture: Match['picture'], corresponds: boolean): FixedPair {
  return {
    sound: { key: sound.clip.key, startSeconds: sound.startSeconds },
    picture: { key: picture.clip.key, index: picture.index },
    corresponds,
  };
}

/** Of each clip the same number of moments: a picture, and a second of sound in which it was taken. */
function matchMoments(clips: Clip[], random: Random): Match[] {
  const whole = clips.filter(({ sound, pictures }) => sound && pictures.length > 0).slice(0, mostClips);
  const rounds = Math.max(1, Math.ceil(fewest / 2 / Math.max(1, whole.length)));
  return whole.flatMap((clip) =>
    Array.from({ length: rounds }, () => {
      const index = random.integer(clip.pictures.length);
      const { timeSeconds } = clip.pictures[index] as Clip['pictures'][number];
      return { sound: { clip, startSeconds: drawStart(clip, timeSeconds, random) }, picture: { clip, index } };
    }),
  );
}

/** @returns where a second of the clip's sound begins that `timeSeconds` is in (null: any second), in whole milliseconds. */
function drawStart({ sound }: Clip, timeSeconds: number | null, random: Random): number {
  const latest = Math.max(0, Math.floor(1000 * ((sound?.seconds ?? 0) - fixedPairSeconds)));
  const first = timeSeconds === null ? 0 : Math.ceil(1000 * (timeSeconds - fixedPairSeconds));
  const last = timeSeconds === null ? latest : Math.floor(1000 * timeSeconds);
  const within = (milliseconds: number) => Math.min(Math.max(milliseconds, 0), latest);
  return (within(first) + random.integer(within(last) - within(first) + 1)) / 1000;
}

/** Of each category as many matches as it has sounds or pictures, whichever are more; the fewer ones come round again. */
function matchCategories(clips: Clip[], random: Random): Match[] {
  const sounds = groupByCategory(clips.filter(({ sound }) => sound).slice(0, mostClips));
  const pictures = groupByCategory(clips.filter(({ pictures }) => pictures.length > 0).slice(0, mostClips));
  return Array.from(sounds).flatMap(([category, ownSounds]) => {
    const ownPictures = pictures.get(category) ?? [];
    if (ownPictures.length === 0) return [];
    return Array.from({ length: Math.max(ownSounds.length, ownPictures.length) }, (_, i): Match => {
      const clip = ownSounds[i % ownSounds.length] as Clip;
      const picture = ownPictures[i % ownPictures.length] as Clip;
      const index = random.integer(picture.pictures.length);
      return { sound: { clip, startSeconds: drawStart(clip, null, random) }, picture: { clip: picture, index } };
    });
  });
}

function groupByCategory(clips: Clip[]): Map<string, Clip[]> {
  const groups = new Map<string, Clip[]>();
  for (const clip of clips) {
    for (const category of clip.categories) {
      const group = groups.get(category);
      if (group) group.push(clip);
      else groups.set(category, [clip]);
    }
  }
  return groups;
}

/** @returns the matches' pictures in another order: each beside a sound that it does not belong to, as far as there are any. */
function mismatch(matches: Match[], random: Random): Match['picture'][] {
  const pictures = random.shuffle(matches.map(({ picture }) => picture));
  const fits = (sound: number, picture: number) =>
    mayMismatch((matches[sound] as Match).sound.clip, (pictures[picture] as Match['picture']).clip);
  for (let i = 0; i < pictures.length; i++) {
    if (fits(i, i)) continue;
    // Swap with one that suits both places; from a random one on, so that no picture is favoured.
    const from = random.integer(pictures.length);
    for (let step = 0; step < pictures.length; step++) {
      const j = (from + step) % pictures.length;
      if (!fits(i, j) || !fits(j, i)) continue;
      [pictures[i], pictures[j]] = [pictures[j] as Match['picture'], pictures[i] as Match['picture']];
      break;
    }
  }
  return pictures;
}
