import { InputError } from '../errors.ts';
import { flac } from './formats/flac.ts';
import { expectAtMost, type SoundFormat } from './formats/format.ts';
import { m4a } from './formats/m4a.ts';
import { mp3 } from './formats/mp3.ts';
import { ogg } from './formats/ogg.ts';
import { wav } from './formats/wav.ts';
import { webm } from './formats/webm.ts';
import { resample } from './resample.ts';

const formats: SoundFormat[] = [wav, mp3, ogg, flac, m4a, webm];

/** For messages and file pickers. */
export const soundFormats = 'wav, mp3, ogg (Vorbis or Opus), flac, m4a or webm';

export interface DecodeOptions {
  /** Of the result, in Hz. */
  sampleRate: number;
  /** Longer sounds are refused; default one hour. */
  maxSeconds?: number;
}

/**
 * A sound file's bytes → `[samples]` float32, mono (the channels' mean), full scale at ±1 (lossy formats overshoot a little).
 * The bytes decide which format it is, never a name.
 *
 * @throws {InputError} unsupported_media for what is no such sound file, unreadable_media for one that is empty, cut short or
 *   damaged, too_large for one that is too long.
 */
export async function decodeAudio(
  bytes: Uint8Array,
  { sampleRate, maxSeconds = 3600 }: DecodeOptions,
): Promise<Float32Array> {
  if (bytes.length === 0) throw new InputError('Expected a sound but the file is empty.', 'unreadable_media');
  const format = formats.find(({ recognises }) => recognises(bytes));
  if (!format) {
    throw new InputError(
      `Expected a sound file (${soundFormats}) but these bytes are none of them.`,
      'unsupported_media',
    );
  }
  const sound = await format.decode(bytes, maxSeconds);
  const waveform = toMono(sound.channels);
  if (waveform.length === 0) {
    throw new InputError(`Expected a sound but the ${format.name} file has no samples.`, 'unreadable_media');
  }
  expectAtMost(maxSeconds, waveform.length / sound.sampleRate);
  if (!waveform.every(Number.isFinite)) {
    throw new InputError(`The ${format.name} file has samples that are not numbers.`, 'unreadable_media');
  }
  return resample(waveform, sound.sampleRate, sampleRate);
}

/** @returns the mean of the channels; the very array where there is one. */
export function toMono(channels: Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = channels;
  if (others.length === 0) return first;
  return first.map((x, i) => others.reduce((sum, channel) => sum + (channel[i] as number), x) / channels.length);
}
