import { fixedPairSeconds } from './prepared.ts';

/**
 * Where the window begins in which a network hears the second of a fixed pair: in the middle of that second, or around it, for a network
 * that hears less or more than a second, but inside the sound.
 *
 * @param startSeconds of the pair's second.
 * @returns a sample of the sound; 0 where the sound is no longer than the window.
 */
export function fixedPairStart(
  startSeconds: number,
  { sampleRate, samples, soundSamples }: { sampleRate: number; samples: number; soundSamples: number },
): number {
  const spare = Math.floor((Math.round(fixedPairSeconds * sampleRate) - samples) / 2);
  const start = Math.round(startSeconds * sampleRate) + spare;
  return Math.max(0, Math.min(start, soundSamples - samples));
}
