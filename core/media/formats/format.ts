import { InputError } from '../../errors.ts';

/** The right format, but its end is missing. */
export function cutShort(format: string, detail: string): InputError {
  return new InputError(`The ${format} file is cut short: ${detail}. Send the whole file.`, 'unreadable_media');
}

/** The right format, but its inside contradicts itself. */
export function damaged(format: string, detail: string, options?: ErrorOptions): InputError {
  const message = `The ${format} file is damaged: ${detail}. Record or convert it again.`;
  return new InputError(message, 'unreadable_media', options);
}

/** Only the first would be heard, and nobody would know. */
export function severalRecordings(format: string): InputError {
  return new InputError(
    `Expected one recording but another begins in the same ${format} file. Split it or convert it to wav.`,
    'unsupported_media',
  );
}

/** What one sound may cost. A file's own word on its length is asked first, and what is decoded counts, whatever the file says. */
export interface SoundLimits {
  maxSeconds: number;
}

/** Of all channels together, a second: stereo at 192 kHz, 8 channels at 48. */
const samplesASecond = 384_000;
/** Ambisonics of the third order have 16. Of more, each has little sound but costs its decoder the time of a whole one. */
const maxChannels = 16;

/** @throws {InputError} too_large. NaN: not known. */
export function expectWithin({ maxSeconds }: SoundLimits, seconds: number): void {
  if (!(seconds > maxSeconds)) return;
  throw new InputError(
    `Expected at most ${maxSeconds} s of sound but received ${seconds.toFixed(1)} s. Cut out the part that matters.`,
    'too_large',
  );
}

/**
 * @param samples of each channel, so far or in all.
 * @throws {InputError} too_large: {@link expectWithin}, or more channels at a higher rate than a recording has.
 */
export function expectAffordable(
  limits: SoundLimits,
  { samples, channels, sampleRate }: { samples: number; channels: number; sampleRate: number },
): void {
  expectWithin(limits, samples / sampleRate);
  const tooMany = channels > maxChannels;
  if (!tooMany && samples * channels <= limits.maxSeconds * samplesASecond) return;
  const most = tooMany ? `${maxChannels} channels` : `${limits.maxSeconds * samplesASecond} samples of all channels`;
  throw new InputError(
    `Expected at most ${most} but received ${channels} channels at ${sampleRate} Hz. Convert it to stereo at 48 kHz.`,
    'too_large',
  );
}
