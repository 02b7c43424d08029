import type { Random } from '#core/random.ts';
import type { Augmentation } from './augmentation.ts';

/**
 * 16-bit samples → a window of sound at some volume.
 *
 * @param samples int16 `[M]`, M ≤ N; of a shorter sound all, which then stands in the middle of silence, as `core/media/windows.ts`
 *   does it.
 * @param window `[N]` float32, written over.
 */
export function writeSound(samples: Int16Array, window: Float32Array, { gain }: Augmentation, random: Random): void {
  const scale = (1 + random.uniform(-gain, gain)) / 2 ** 15;
  const start = Math.floor((window.length - samples.length) / 2);
  window.fill(0, 0, start);
  window.fill(0, start + samples.length);
  for (let n = 0; n < samples.length; n++) window[start + n] = scale * (samples[n] as number);
}
