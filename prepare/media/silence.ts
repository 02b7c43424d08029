import { isSilent, silentBelow } from '#core/media/silence.ts';

/** Kept on either side: a second drawn from what is left has something to hear. */
const marginSeconds = 0.5;

/** @returns the part from half a second before the first sound to half a second after the last; null: there is only silence. */
export function heardPart(waveform: Float32Array, sampleRate: number): { start: number; end: number } | null {
  if (isSilent(waveform)) return null;
  const isHeard = (sample: number) => Math.abs(sample) >= silentBelow;
  const first = waveform.findIndex(isHeard);
  const margin = Math.round(marginSeconds * sampleRate);
  const last = waveform.findLastIndex(isHeard);
  return { start: Math.max(0, first - margin), end: Math.min(waveform.length, last + 1 + margin) };
}
