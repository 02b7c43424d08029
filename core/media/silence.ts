import { InputError } from '../errors.ts';

/** Largest value that is silence. −60 dB: quieter than the noise of any room that was recorded on purpose. */
export const silentBelow = 1e-3;

/** @throws {InputError} for a sound in which there is nothing to hear: whatever a model says of it means nothing. */
export function expectSound(waveform: Float32Array): void {
  let peak = 0;
  for (let n = 0; n < waveform.length; n++) {
    const loudness = Math.abs(waveform[n] as number);
    if (loudness >= silentBelow) return;
    if (loudness > peak) peak = loudness;
  }
  throw new InputError(
    `The sound is silent: its loudest sample is ${peak === 0 ? 0 : peak.toExponential(1)} of full scale, and below ${silentBelow} there is nothing to hear. ` +
      'Was the microphone muted? Record it again, or make it louder.',
    'unreadable_media',
  );
}
