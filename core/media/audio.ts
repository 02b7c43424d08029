import { InputError } from '../errors.ts';
import type { decodePackets } from './formats/decode.ts';
import { withoutTags } from './formats/tags.ts';
import { decodeWav, isWav } from './formats/wav.ts';
import { giveBack, type MonoSound } from './mix.ts';
import { peakOf } from './peak.ts';
import { leastRateFor, resample } from './resample.ts';
import { soundFormats } from './soundFormats.ts';

export interface DecodeOptions {
  /** Of the result, in Hz. */
  sampleRate: number;
  /** Longer sounds are refused; default one hour. */
  maxSeconds?: number;
  /** Is told what people should know of how the sound was taken, in a sentence. */
  onNote?: ((note: string) => void) | undefined;
}

/**
 * A sound file's bytes → `[samples]` float32 in [-1, 1], mono (the channels' mean, or the loudest where they cancel). The bytes decide
 * which format it is, never a name. What exceeds full scale a little, as lossy formats do, is cut off there.
 *
 * @throws {InputError} unsupported_media for what is no such sound file, unreadable_media for one that is empty, cut short,
 *   damaged or of another scale, too_large for one that is too long.
 */
export async function decodeAudio(
  bytes: Uint8Array,
  { sampleRate, maxSeconds = 3600, onNote }: DecodeOptions,
): Promise<Float32Array> {
  if (bytes.length === 0) throw new InputError('Expected a sound but the file is empty.', 'unreadable_media');
  // Of a Buffer `slice` would be a view, not a copy.
  const untagged = withoutTags(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const decode = async (channel: number | null): Promise<MonoSound> => {
    const options = { limits: { maxSeconds }, channel, leastRate: leastRateFor(sampleRate) };
    const sound = isWav(untagged) ? decodeWav(untagged, options) : await decodeOther(untagged, options);
    if (sound) return sound;
    throw new InputError(
      `Expected a sound file (${soundFormats}) but these bytes are none of them.`,
      'unsupported_media',
    );
  };
  const mixed = await decode(null);
  const { loudestOfCancelled: loudest, channels } = mixed;
  const { waveform, sampleRate: fromRate, late } = loudest === null ? mixed : await decode(loudest);
  if (waveform.length === 0) {
    throw new InputError('Expected a sound but the file has no samples.', 'unreadable_media');
  }
  if (loudest !== null) onNote?.(`Its ${channels} channels cancel each other; channel ${loudest + 1} alone is heard.`);
  const resampled = resample(waveform, fromRate, sampleRate, late);
  if (resampled !== waveform) giveBack(waveform);
  return cutAtFullScale(resampled, onNote);
}

/** Loaded when it is needed: the readers of containers are more than half of what the page's worker would load first. */
const decodeOther: typeof decodePackets = async (...asked) =>
  (await import('./formats/decode.ts')).decodePackets(...asked);

/** Of all samples: less is what lossy formats and a peak here and there exceed, and nobody hears. */
const clippedShare = 0.01;

/** As every dataset and sound card does. The array is written over. */
function cutAtFullScale(waveform: Float32Array, onNote: DecodeOptions['onNote']): Float32Array {
  if (peakOf(waveform) <= 1) return waveform;
  let clipped = 0;
  for (let n = 0; n < waveform.length; n++) {
    const sample = waveform[n] as number;
    if (sample <= 1 && sample >= -1) continue;
    waveform[n] = sample > 1 ? 1 : -1;
    clipped++;
  }
  const share = clipped / waveform.length;
  if (share > clippedShare)
    onNote?.(`${Math.round(100 * share)} % of its samples exceed full scale and are cut off there.`);
  return waveform;
}
