import { groupByCategory } from '#core/datasets/pairs/groupByCategory.ts';
import { matchRows } from '#core/datasets/pairs/matchRows.ts';
import { mayMismatch } from '#core/datasets/pairs/mismatch.ts';
import { drawMoment, drawWindow, heardPictures, type Moment } from '#core/datasets/pairs/moment.ts';
import { type Clip, type FixedPair, fixedPairSeconds, type Pairing } from '#core/datasets/prepared.ts';
import { Random } from '#core/random.ts';

/** A sound and a picture that belong together: of one clip, or of two of one category. */
interface Match {
  sound: Clip;
  picture: Clip;
  moment: Moment;
}

export interface FixedPairsOptions {
  pairing: Pairing;
  sampleRate: number; // Hz
  seed: number;
}

const fewestMatches = 500;
/** Of a larger split the first ones, which are an even mix. */
export const mostClips = 5000;

/**
 * The fixed list that a split is judged by, drawn by the rules that training draws by. Every clip occurs equally often (by-class: as
 * often as its category allows), and each drawn sound and each drawn picture is once in a match and once in a mismatch.
 *
 * @returns empty where no mismatch can be drawn.
 */
export function drawFixedPairs(clips: Clip[], options: FixedPairsOptions): FixedPair[] {
  const { pairing, sampleRate, seed } = options;
  const random = new Random(seed, 1);
  const matches =
    pairing === 'same-clip' ? matchMoments(clips, options, random) : matchCategories(clips, options, random);
  const at = (row: number) => matches[row] as Match;
  const { audioRows, imageRows, corresponds } = matchRows(
    matches.length,
    {
      rowsPerClip: 1,
      matchesPerClip: 1,
      hardShare: 0,
      mayMismatch: (sound, picture) => mayMismatch(at(sound).sound, at(picture).picture),
      areApart: () => false,
    },
    random,
  );
  const mismatched = new Set(audioRows.slice(matches.length));
  const pairs = Array.from(audioRows, (row, i): FixedPair => {
    const [heard, seen] = [at(row), at(imageRows[i] as number)];
    return {
      sound: { key: heard.sound.key, startSeconds: heard.moment.startSample / sampleRate },
      picture: { key: seen.picture.key, index: seen.moment.picture },
      corresponds: corresponds[i] === 1,
    };
  });
  // Where a sound found no picture to be mismatched with, its match is left out too, so that half the pairs correspond.
  return random.shuffle(pairs.filter((_, i) => mismatched.has(audioRows[i] as number)));
}

/** Of each clip the same number of moments. */
function matchMoments(clips: Clip[], { sampleRate }: FixedPairsOptions, random: Random): Match[] {
  const usable = clips.filter((clip) => heardPictures(clip, { sampleRate }).length > 0).slice(0, mostClips);
  const rounds = Math.ceil(fewestMatches / Math.max(1, usable.length));
  const options = windowOptions(sampleRate);
  return usable.flatMap((clip) =>
    Array.from({ length: rounds }, () => ({ sound: clip, picture: clip, moment: drawMoment(clip, options, random) })),
  );
}

/** Of each category as many matches as it has sounds or pictures, whichever are more; the fewer ones come round again. */
function matchCategories(clips: Clip[], { sampleRate }: FixedPairsOptions, random: Random): Match[] {
  const sounds = groupByCategory(clips.filter(({ sound }) => sound).slice(0, mostClips));
  const pictures = groupByCategory(clips.filter(({ pictures }) => pictures.length > 0).slice(0, mostClips));
  const options = windowOptions(sampleRate);
  return Array.from(sounds).flatMap(([category, ownSounds]) => {
    const ownPictures = pictures.get(category) ?? [];
    const count = ownPictures.length === 0 ? 0 : Math.max(ownSounds.length, ownPictures.length);
    return Array.from({ length: count }, (_, i): Match => {
      const sound = ownSounds[i % ownSounds.length] as Clip;
      const picture = ownPictures[i % ownPictures.length] as Clip;
      const startSample = drawWindow(sound, null, options, random);
      return { sound, picture, moment: { picture: random.integer(picture.pictures.length), startSample } };
    });
  });
}

function windowOptions(sampleRate: number) {
  return { sampleRate, samples: Math.round(fixedPairSeconds * sampleRate), randomSecond: true };
}
