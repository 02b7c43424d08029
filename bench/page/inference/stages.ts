import { median } from '#node/median.ts';

/** Of one pair, milliseconds: hearing, seeing, comparing. */
export interface Stages {
  audio: number;
  image: number;
  match: number;
}

/** What passes between a visitor's choice of a file and its score on the screen, milliseconds. */
export interface Choice {
  /** Until the page asks for a judgement: the file is read, decoded, made the model's size. */
  reading: number;
  /** Until the score stands there; of it, inference is the part that {@link Stages} has. */
  judging: number;
}

/** Of each part its own median: where other programs have the processor for a moment, that does not make a whole turn long. */
export function medians<Parts extends Stages | Choice>(list: Parts[]): Parts {
  const names = Object.keys(list[0] as Parts) as (keyof Parts)[];
  return Object.fromEntries(
    names.map((name) => [name, median(list.map((parts) => parts[name] as number))]),
  ) as unknown as Parts;
}

export const sum = (parts: Stages | Choice): number => Object.values(parts).reduce((total, ms) => total + ms, 0);
