import type { Clip } from '#core/datasets/prepared.ts';

/** A clip as a video gives it: a picture every so often, at the video's frame rate. */
export function filmedClip(
  key: string,
  { seconds, framesPerSecond, everyFrames = 1 }: { seconds: number; framesPerSecond: number; everyFrames?: number },
): Clip {
  const frames = Math.floor((seconds * framesPerSecond) / everyFrames);
  return {
    key,
    source: key,
    split: 'train',
    fold: null,
    categories: [],
    sound: { seconds, startSeconds: 0 },
    pictures: Array.from({ length: frames }, (_, i) => ({
      width: 320,
      height: 256,
      timeSeconds: (i * everyFrames) / framesPerSecond,
    })),
  };
}

/** Five seconds of sound without a picture, or a picture without a sound, of one category. */
export function labelledClip(key: string, category: string, kind: 'sound' | 'picture'): Clip {
  return {
    key,
    source: key,
    split: 'train',
    fold: null,
    categories: [category],
    sound: kind === 'sound' ? { seconds: 5, startSeconds: 0 } : null,
    pictures: kind === 'picture' ? [{ width: 320, height: 256, timeSeconds: null }] : [],
  };
}
