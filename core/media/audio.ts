import samplerate from '@alexanderolsen/libsamplerate-js';
import { InputError } from '../errors.ts';
import { flac } from './formats/flac.ts';
import { expectAtMost, type SoundFormat } from './formats/format.ts';
import { m4a } from './formats/m4a.ts';
import { mp3 } from './formats/mp3.ts';
import { ogg } from './formats/ogg.ts';
import { wav } from './formats/wav.ts';
import { webm } from './formats/webm.ts';

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

/**
 * Band-limited resampling by libsamplerate's best sinc. The sound keeps its place in time and its length in seconds.
 *
 * @param fromRate Hz, as is `toRate`: from 1000 to 192,000.
 * @returns `[round(samples · toRate / fromRate)]`; the very array where the rates are the same.
 */
export async function resample(waveform: Float32Array, fromRate: number, toRate: number): Promise<Float32Array> {
  if (fromRate === toRate) return waveform;
  for (const rate of [fromRate, toRate]) {
    if (rate >= 1000 && rate <= 192_000) continue;
    throw new InputError(`Expected a sample rate from 1000 to 192000 Hz but received ${rate} Hz.`, 'unsupported_media');
  }
  const ratio = toRate / fromRate;
  const resampled = new Float32Array(Math.max(1, Math.round(waveform.length * ratio)));
  const converter = await samplerate.create(1, fromRate, toRate, {
    converterType: samplerate.ConverterType.SRC_SINC_BEST_QUALITY,
  });
  try {
    const blockLength = Math.floor(2 ** 16 / Math.max(1, ratio)); // the converter's buffers hold a million samples
    const silence = new Float32Array(Math.ceil(256 * Math.max(1, 1 / ratio)));
    for (let start = 0, filled = 0; filled < resampled.length; start += blockLength) {
      // After the last block silence, for the filter holds back what it has not heard the rest of.
      const block = start < waveform.length ? waveform.slice(start, start + blockLength) : silence;
      const part = converter.full(block).subarray(0, resampled.length - filled);
      resampled.set(part, filled);
      filled += part.length;
    }
  } finally {
    converter.destroy();
  }
  return resampled;
}
