import type { Random } from '../../random.ts';
import type { Clip } from '../prepared.ts';

export interface WindowOptions {
  sampleRate: number; // Hz
  samples: number; // in a window of sound
  /** Any window with the picture's moment in it; false: the one with that moment in its middle. */
  randomSecond: boolean;
}

/** A picture, and the window of sound that belongs to it. */
export interface Moment {
  /** Position in the clip's pictures. */
  picture: number;
  /** Of the window, in samples of the clip's sound: every window begins on this grid, whatever the frame rate. */
  startSample: number;
}

/** Draws one of the pictures that the clip's sound surrounds, and a window of the sound around its moment. */
export function drawMoment(clip: Clip, options: WindowOptions, random: Random): Moment {
  const picture = random.pick(heardPictures(clip, options));
  return { picture, startSample: drawWindow(clip, clip.pictures[picture]?.timeSeconds ?? null, options, random) };
}

/** @returns the positions of the pictures taken while the sound was recorded, or at a time that is not known. */
export function heardPictures({ sound, pictures }: Clip, { sampleRate }: { sampleRate: number }): number[] {
  if (!sound) return [];
  const end = Math.round(sound.seconds * sampleRate);
  return pictures.flatMap(({ timeSeconds }, i) =>
    timeSeconds === null || (timeSeconds >= 0 && timeSeconds * sampleRate <= end) ? [i] : [],
  );
}

/** @param timeSeconds within the window, on the sound's clock; null: any window. @returns where the window starts, in samples. */
export function drawWindow(clip: Clip, timeSeconds: number | null, options: WindowOptions, random: Random): number {
  const [first, last] = windowStarts(clip, timeSeconds, options);
  if (options.randomSecond) return first + random.integer(last - first + 1);
  const middle = timeSeconds === null ? (first + last) / 2 : timeSeconds * options.sampleRate - options.samples / 2;
  return Math.min(last, Math.max(first, Math.round(middle)));
}

/** @returns the first and the last start of a window that lies in the sound and has the moment in it. */
export function windowStarts(
  { sound }: Clip,
  timeSeconds: number | null,
  { sampleRate, samples }: { sampleRate: number; samples: number },
): [first: number, last: number] {
  const lastStart = Math.max(0, Math.round((sound?.seconds ?? 0) * sampleRate) - samples); // a shorter sound has one window
  if (timeSeconds === null) return [0, lastStart];
  const moment = timeSeconds * sampleRate;
  return [
    Math.min(lastStart, Math.max(0, Math.ceil(moment - samples))),
    Math.min(lastStart, Math.max(0, Math.floor(moment))),
  ];
}
