import { evenDraws } from '#core/datasets/pairs/evenDraws.ts';
import { drawWindow } from '#core/datasets/pairs/moment.ts';
import type { Clip } from '#core/datasets/prepared.ts';
import { windowStarts } from '#core/media/windows.ts';
import { Random } from '#core/random.ts';
import type { DrawnRows } from '../data/loader/batchLoader.ts';
import type { Sense, ShownExample } from './examples.ts';

export interface ExampleRowsOptions {
  sense: Sense;
  rows: number;
  sampleRate: number; // Hz
  samples: number; // in a window of sound
}

export interface ExampleSamplerOptions extends ExampleRowsOptions {
  /** A sound that its window holds whole begins anywhere in it, and goes round. */
  circularShift: boolean;
  seed: number;
}

export interface DrawnExamples extends DrawnRows {
  /** Of each row; null: not told. */
  categories: (number | null)[];
}

/** Batches to learn from: every example equally often, each time another window of it, or another of its pictures. */
export function createExampleSampler(
  examples: ShownExample[],
  options: ExampleSamplerOptions,
): { draw(batch: number): DrawnExamples } {
  const { sense, rows, sampleRate, samples, circularShift } = options;
  const seeds = new Random(options.seed, 30);
  const place = evenDraws(examples.length, seeds.uint32());
  const batchSeed = seeds.uint32();

  const drawSound = (clip: Clip, random: Random): DrawnRows['sounds'][number] => {
    const startSample = drawWindow(clip, null, { sampleRate, samples, randomSecond: true }, random);
    const isWhole = lengthOf(clip, sampleRate) <= samples;
    return { clip, startSample, rollSamples: circularShift && isWhole ? random.integer(samples) : 0 };
  };
  const drawPicture = (clip: Clip, random: Random) => ({ clip, picture: random.integer(clip.pictures.length) });

  return {
    draw(batch) {
      const random = new Random(batchSeed, batch);
      const drawn = Array.from({ length: rows }, (_, row) => examples[place(batch * rows + row)] as ShownExample);
      const clips = drawn.map(({ line }) => line.clip);
      return {
        sounds: sense === 'audio' ? clips.map((clip) => drawSound(clip, random)) : [],
        pictures: sense === 'image' ? clips.map((clip) => drawPicture(clip, random)) : [],
        categories: drawn.map(({ category }) => category),
      };
    },
  };
}

/** All there is of some examples, in their order. */
export interface ExampleWindows {
  /** The example of each window, or picture: a position. */
  owners: number[];
  /** The batch is smaller at the end, and empty after it. */
  draw(batch: number): DrawnRows;
}

/** Overlapping windows of every sound, as a server cuts them, or every picture. @param hopSeconds between windows; default half of one. */
export function allWindows(
  examples: ShownExample[],
  { sense, rows, sampleRate, samples, hopSeconds }: ExampleRowsOptions & { hopSeconds?: number | undefined },
): ExampleWindows {
  const windowsOf = (clip: Clip): DrawnRows[] =>
    sense === 'audio'
      ? windowStarts(lengthOf(clip, sampleRate), { sampleRate, samples, hopSeconds }).map((startSample) => ({
          sounds: [{ clip, startSample }],
          pictures: [],
        }))
      : clip.pictures.map((_, picture) => ({ sounds: [], pictures: [{ clip, picture }] }));
  const owned = examples.flatMap(({ line }, owner) => windowsOf(line.clip).map((window) => ({ owner, ...window })));
  return {
    owners: owned.map(({ owner }) => owner),
    draw(batch) {
      const drawn = owned.slice(batch * rows, (batch + 1) * rows);
      return {
        sounds: drawn.flatMap(({ sounds }) => sounds),
        pictures: drawn.flatMap(({ pictures }) => pictures),
      };
    },
  };
}

/** In samples. */
function lengthOf({ sound }: Clip, sampleRate: number): number {
  return Math.round((sound?.seconds ?? 0) * sampleRate);
}
