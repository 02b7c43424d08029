import { InputError } from '../errors.ts';

/** Half the largest swing that is silence. −60 dB: quieter than the noise of any room that was recorded on purpose. */
export const silentBelow = 1e-3;

/** Whether there is nothing to hear. */
export function isSilent(waveform: Float32Array): boolean {
  return loudest(waveform) < silentBelow;
}

/** Resampling leaves as many samples that swing where a constant begins or ends. */
const edgeSamples = 64;

/** @returns half of what lies between lowest and highest sample: a constant, as a broken sound card gives it, is not heard at any value. */
function loudest(waveform: Float32Array): number {
  const inside = waveform.subarray(edgeSamples, -edgeSamples);
  const isConstant = Math.abs(inside[0] ?? 0) >= silentBelow && swing(inside) < silentBelow;
  return swing(isConstant ? inside : waveform);
}

/** As far as it takes to know that it is no silence. */
function swing(waveform: Float32Array): number {
  let lowest = waveform[0] ?? 0;
  let highest = lowest;
  for (let n = 0; n < waveform.length && highest - lowest < 2 * silentBelow; n++) {
    const sample = waveform[n] as number;
    if (sample < lowest) lowest = sample;
    if (sample > highest) highest = sample;
  }
  return (highest - lowest) / 2;
}

/** @throws {InputError} for a sound in which there is nothing to hear: whatever a model says of it means nothing. */
export function expectSound(waveform: Float32Array): void {
  const swings = loudest(waveform);
  if (swings >= silentBelow) return;
  throw new InputError(
    `The sound is silent: it swings by ${swings === 0 ? 0 : swings.toExponential(1)} of full scale, and below ${silentBelow} there is nothing to hear. ` +
      'Was the microphone muted? Record it again, or make it louder.',
    'unreadable_media',
  );
}
