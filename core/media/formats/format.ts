import { InputError } from '../../errors.ts';

export interface DecodedSound {
  /** Each `[samples]` float32, full scale at ±1. */
  channels: Float32Array[];
  sampleRate: number; // Hz
}

/** One kind of sound file: how its bytes are told from others', checked and decoded. */
export interface SoundFormat {
  /** As people call it. */
  name: string;
  recognises(bytes: Uint8Array): boolean;
  /** @throws {InputError} for a file that is cut short or damaged, or holds more than `maxSeconds`. */
  decode(bytes: Uint8Array, maxSeconds: number): Promise<DecodedSound>;
}

/** The right format, but its end is missing. */
export function cutShort(format: string, detail: string): InputError {
  return new InputError(`The ${format} file is cut short: ${detail}. Send the whole file.`, 'unreadable_media');
}

/** The right format, but its inside contradicts itself. */
export function damaged(format: string, detail: string, options?: ErrorOptions): InputError {
  const message = `The ${format} file is damaged: ${detail}. Record or convert it again.`;
  return new InputError(message, 'unreadable_media', options);
}

export function expectAtMost(maxSeconds: number, seconds: number): void {
  if (!(seconds > maxSeconds)) return; // NaN: not known
  throw new InputError(
    `Expected at most ${maxSeconds} s of sound but received ${seconds.toFixed(1)} s. Send the part that matters.`,
    'too_large',
  );
}
