import type { SpectrogramOptions } from '#core/spectrogram.ts';
import type { ModelProto } from '../../onnx/messages.ts';
import { withCoarseSpectrogram } from './coarse.ts';
import type { Front } from './encoder.ts';
import { inPixelBlocks } from './pixelBlocks.ts';

/** Another beginning of an encoder. */
export interface FrontChoice {
  front: Front;
  /** It is taken where the encoder is so many times as fast with it. */
  leastGain: number;
  /** The encoder in float32 with it; null: there is none to be had. */
  model: ModelProto | null;
}

/** @param spectrogram of sounds; null: pictures. */
export function frontOf(model: ModelProto, spectrogram: SpectrogramOptions | null): FrontChoice {
  return spectrogram
    ? { front: 'coarse spectrogram', leastGain: 1.1, model: withCoarseSpectrogram(model, spectrogram) }
    : { front: 'blocks of pixels', leastGain: 1, model: inPixelBlocks(model) };
}
