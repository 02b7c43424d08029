import { windowStarts } from '#core/media/windows.ts';
import { Random } from '#core/random.ts';
import type { DrawnRows } from '../data/loader/batchLoader.ts';
import { evenDraws } from '../data/pairs/evenDraws.ts';
import { drawWindow } from '../data/pairs/moment.ts';
import type { Example, Sense } from './examples.ts';

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
  /** Of each row. */
  categories: number[];
}

/** Batches to learn from: every example equally often, each time another window of it, or another of its pictures. */
export function createExampleSampler(
  examples: Example[],
  options: ExampleSamplerOptions,
): { draw(batch: number): DrawnExamples } {
  const { sense, rows, sampleRate, samples, circularShift } = options;
  const seeds = new Random(options.seed, 30);
  const place = evenDraws(examples.length, seeds.uint32());
  const batchSeed = seeds.uint32();

  return {
    draw(batch) {
      const random = new Random(batchSeed, batch);
      const drawn = Array.from({ length: rows }, (_, row) => examples[place(batch * rows + row)] as Example);
      const clips = drawn.map(({ line }) => line.clip);
      return {
        sounds:
          sense === 'image'
            ? []
            : clips.map((clip) => {
                const startSample = drawWindow(clip, null, { sampleRate, samples, randomSecond: true }, random);
                const isWhole = Math.round((clip.sound?.seconds ?? 0) * sampleRate) <= samples;
                return { clip, startSample, rollSamples: circularShift && isWhole ? random.integer(samples) : 0 };
              }),
        pictures:
          sense === 'audio' ? [] : clips.map((clip) => ({ clip, picture: random.integer(clip.pictures.length) })),
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

/** Overlapping windows of every sound, as a server cuts them, or every picture. */
export function allWindows(
  examples: Example[],
  { sense, rows, sampleRate, samples }: ExampleRowsOptions,
): ExampleWindows {
  const sounds: DrawnRows['sounds'] = [];
  const pictures: DrawnRows['pictures'] = [];
  const owners: number[] = [];
  for (const [owner, { line }] of examples.entries()) {
    const { clip } = line;
    if (sense === 'image') {
      for (const picture of clip.pictures.keys()) pictures.push({ clip, picture });
    } else {
      const length = Math.round((clip.sound?.seconds ?? 0) * sampleRate);
      for (const startSample of windowStarts(length, { sampleRate, samples })) sounds.push({ clip, startSample });
    }
    while (owners.length < sounds.length + pictures.length) owners.push(owner);
  }
  return {
    owners,
    draw: (batch) => ({
      sounds: sounds.slice(batch * rows, (batch + 1) * rows),
      pictures: pictures.slice(batch * rows, (batch + 1) * rows),
    }),
  };
}
