import type { Random } from '#core/random.ts';
import type { Augmentation } from './augmentation.ts';
import { scaleSamples } from './native.ts';

export interface SoundOptions {
  /** 0 … N − 1: where the window's first sample comes to stand; what leaves at the end comes in at the beginning. */
  rollSamples: number;
  augmentation: Augmentation;
  random: Random;
}

/**
 * 16-bit samples → a window of sound at some volume.
 *
 * @param samples int16 `[M]`, M ≤ N; of a shorter sound all, which then stands in the middle of silence, as `core/media/windows.ts`
 *   does it.
 * @param window `[N]` float32, written over.
 */
export function writeSound(
  samples: Int16Array,
  window: Float32Array,
  { rollSamples, augmentation: { gain }, random }: SoundOptions,
): void {
  const scale = (1 + random.uniform(-gain, gain)) / 2 ** 15;
  const start = Math.floor((window.length - samples.length) / 2);
  if (samples.length < window.length) window.fill(0);
  const place = (start + rollSamples) % window.length;
  const untilEnd = Math.min(samples.length, window.length - place);
  scaleSamples(samples.subarray(0, untilEnd), scale, window.subarray(place));
  scaleSamples(samples.subarray(untilEnd), scale, window);
}
