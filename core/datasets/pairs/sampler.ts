import { InputError } from '../../errors.ts';
import { Random } from '../../random.ts';
import type { Clip, PreparedDataset } from '../prepared.ts';
import { type ClipDraws, drawsOfSameCategory, drawsOfSameClip } from './clipDraws.ts';
import { type BatchPairs, matchRows } from './matchRows.ts';
import { anyMayMismatch, mayMismatch } from './mismatch.ts';
import { drawMoment, drawWindow, heardPictures, type Moment, type WindowOptions, windowStarts } from './moment.ts';

export interface SamplerOptions extends WindowOptions {
  /** Rows: sounds, and as many pictures, encoded in a step. */
  batchSize: number;
  /** Rows that a clip gives when it is drawn, as far apart in time as it allows. */
  momentsPerClip: number;
  /** Mismatched pairs that each sound, and each picture, of a batch is in: 1 makes half of the pairs correspond. */
  matchesPerClip: number;
  hardNegatives: HardNegatives;
  seed: number;
}

/** Mismatched pairs of one clip, at different times. They teach when, once the network has learnt what. */
export interface HardNegatives {
  /** Of the mismatched pairs, as far as the clips are long enough. */
  share: number;
  /** Batches before the first of them. */
  warmupBatches: number;
}

/** What a batch encodes and matches. A row's sound and picture belong together. */
export interface DrawnBatch {
  sounds: { clip: Clip; startSample: number }[];
  pictures: { clip: Clip; picture: number }[];
  pairs: BatchPairs;
}

export interface PairSampler {
  /** That are drawn: an epoch. A sound that no picture goes with is none of them. */
  sounds: number;
  /** A batch depends on the seed and its number alone, so any of them can be drawn at any time, anywhere. */
  draw(batch: number): DrawnBatch;
}

/**
 * Draws pairs from the clips of one split. A picture and a window of sound correspond when the window holds the picture's moment.
 * What does not correspond are the same pictures and windows, matched with another clip's: one rule draws both.
 *
 * @throws {InputError} for clips from which no corresponding or no mismatched pair can be drawn.
 */
export function createPairSampler(
  clips: Clip[],
  pairing: PreparedDataset['pairing'],
  options: SamplerOptions,
): PairSampler {
  const { batchSize, momentsPerClip, matchesPerClip, hardNegatives, seed } = options;
  const random = new Random(seed);
  const draws = createDraws(clips, pairing, { ...options, seed: random.uint32() });
  const batchSeed = random.uint32();
  checkOptions(draws, pairing, options);
  const clipsPerBatch = batchSize / momentsPerClip;

  return {
    sounds: draws.sounds.length,
    draw(batch) {
      const random = new Random(batchSeed, batch);
      const rows = Array.from({ length: clipsPerBatch }, (_, i) => {
        const { sound, picture } = draws.at(batch * clipsPerBatch + i);
        const moments = drawMoments(sound, picture, options, random);
        return moments.map((moment) => ({ sound, picture, moment }));
      }).flat();
      type Row = (typeof rows)[number];
      const pairs = matchRows(
        batchSize,
        {
          rowsPerClip: momentsPerClip,
          matchesPerClip,
          hardShare: batch < hardNegatives.warmupBatches ? 0 : hardNegatives.share,
          mayMismatch: (i, j) => mayMismatch((rows[i] as Row).sound, (rows[j] as Row).picture),
          areApart: (i, j) => areApart((rows[i] as Row).moment, (rows[j] as Row).moment, options),
        },
        random,
      );
      return {
        sounds: rows.map(({ sound, moment }) => ({ clip: sound, startSample: moment.startSample })),
        pictures: rows.map(({ picture, moment }) => ({ clip: picture, picture: moment.picture })),
        pairs,
      };
    },
  };
}

function createDraws(
  clips: Clip[],
  pairing: PreparedDataset['pairing'],
  options: { sampleRate: number; seed: number },
): ClipDraws {
  if (pairing === 'same-clip') return drawsOfSameClip(clips, options);
  if (pairing === 'same-category') return drawsOfSameCategory(clips, options);
  throw new InputError(
    'Expected a dataset of sounds with pictures but this one holds only sounds or only pictures, to classify. ' +
      'Join two of them by category: npx clapper prepare by-class',
  );
}

function drawMoments(sound: Clip, picture: Clip, options: SamplerOptions, random: Random): Moment[] {
  const draw = (): Moment =>
    sound === picture
      ? drawMoment(sound, options, random)
      : { picture: random.integer(picture.pictures.length), startSample: drawWindow(sound, null, options, random) };
  const moments = [draw()];
  while (moments.length < options.momentsPerClip) {
    let moment = draw();
    for (let tries = 1; tries < 8 && !moments.every((other) => areApart(moment, other, options)); tries++)
      moment = draw();
    moments.push(moment);
  }
  return moments;
}

/** Whether the windows share no sample: then neither holds the other's picture. */
function areApart(one: Moment, other: Moment, { samples }: { samples: number }): boolean {
  return Math.abs(one.startSample - other.startSample) > samples;
}

function checkOptions(draws: ClipDraws, pairing: PreparedDataset['pairing'], options: SamplerOptions): void {
  const { batchSize, momentsPerClip, hardNegatives } = options;
  if (!Number.isInteger(batchSize / momentsPerClip) || batchSize < 2 * momentsPerClip) {
    throw new InputError(
      `Expected a batchSize, and rowsAtOnce where it is given, of two or more times momentsPerClip (${momentsPerClip}) but received ${batchSize}.`,
    );
  }
  if (draws.sounds.length === 0) {
    throw new InputError(
      pairing === 'same-clip'
        ? 'Expected clips with a picture taken while their sound was recorded, but there is none in this split.'
        : 'Expected a category with both sounds and pictures, but there is none in this split.',
    );
  }
  if (!anyMayMismatch(draws.sounds, draws.pictures)) {
    throw new InputError(
      `No mismatched pair can be drawn: all ${draws.sounds.length} sounds of this split are of one source or one category. ` +
        'Clips of one category are never mismatched; add others, or leave the categories out where they say too little.',
    );
  }
  if (hardNegatives.share === 0) return;
  if (momentsPerClip < 2) {
    throw new InputError('hardNegatives match a clip with itself at another time: set momentsPerClip to 2 or more.');
  }
  if (pairing !== 'same-clip' || !draws.sounds.some((clip) => hasMomentsApart(clip, options))) {
    throw new InputError(
      'No hardNegatives can be drawn: they need a clip with pictures at two times whose windows of sound do not overlap. ' +
        'Set hardNegatives.share to 0.',
    );
  }
}

function hasMomentsApart(clip: Clip, options: SamplerOptions): boolean {
  const starts = heardPictures(clip, options).flatMap((i) =>
    windowStarts(clip, clip.pictures[i]?.timeSeconds ?? null, options),
  );
  return Math.max(...starts) - Math.min(...starts) > options.samples;
}
