import { z } from 'zod';
import type { Random } from '#core/random.ts';

/** What may differ between a recording to learn from and a voice in use. Each is drawn anew for every example. */
export const voiceAugmentationSchema = z.strictObject({
  speed: z
    .tuple([z.number().positive(), z.number().positive()])
    .describe('range of playing speeds; pitch and tempo change together'),
  peakDecibels: z.tuple([z.number(), z.number()]).describe('range of the peak below full scale, dB'),
  noiseDecibels: z.tuple([z.number(), z.number()]).describe('range of the noise below the peak, dB'),
  anyPosition: z.boolean().describe('anywhere in the window; false: in its middle'),
});
export type VoiceAugmentation = z.infer<typeof voiceAugmentationSchema>;

/**
 * One window with the recording in it, played faster or slower, louder or quieter, somewhere, over noise of some colour.
 *
 * @param waveform `[samples]` float32, mono.
 * @param window `[N]` float32, written over.
 */
export function augmentVoice(
  waveform: Float32Array,
  window: Float32Array,
  options: VoiceAugmentation,
  random: Random,
): void {
  const speed = random.uniform(...options.speed);
  const length = Math.max(1, Math.floor((waveform.length - 1) / speed));
  const spare = window.length - length;
  // A recording longer than the window shows any part of itself; a shorter one stands anywhere.
  const start = options.anyPosition ? Math.round(random.uniform() * spare) : Math.floor(spare / 2);
  const peak = waveform.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 1e-6);
  const newPeak = 10 ** (random.uniform(...options.peakDecibels) / 20);
  const gain = newPeak / peak;
  addNoise(window, newPeak * 10 ** (random.uniform(...options.noiseDecibels) / 20), random);
  for (let n = Math.max(0, start); n < Math.min(window.length, start + length); n++) {
    const position = (n - start) * speed;
    const left = Math.floor(position);
    const weight = position - left;
    const sample = (waveform[left] as number) * (1 - weight) + (waveform[left + 1] as number) * weight;
    window[n] = (window[n] as number) + gain * sample;
  }
}

/** Between white and red, as rooms and microphones hum and hiss. */
function addNoise(window: Float32Array, amplitude: number, random: Random): void {
  const memory = random.uniform(0, 0.95);
  const scale = amplitude * Math.sqrt(3 * (1 - memory ** 2)); // the same power for every colour
  let state = 0;
  for (let n = 0; n < window.length; n++) {
    state = memory * state + scale * random.uniform(-1, 1);
    window[n] = state;
  }
}
