import { cannot } from '#core/bundle/abilities.ts';
import type { BundleManifest } from '#core/bundle/manifest.ts';
import { decodeAudio } from '#core/media/audio.ts';
import { prepareImage } from '#core/media/image.ts';
import { expectSound } from '#core/media/silence.ts';
import { decodePicture } from '#node/media/picture.ts';
import type { Limits } from './limits.ts';

/** Files' bytes → what a bundle's graphs take. */
export interface MediaDecoder {
  /**
   * @param onNote is told what people should know of how the sound was taken.
   * @returns `[samples]` float32 in [-1, 1], mono, at the bundle's rate, with something to hear.
   */
  audio(bytes: Uint8Array, onNote?: (note: string) => void): Promise<Float32Array>;
  /** @returns RGB uint8 `[H, W, 3]` of the bundle's size. */
  image(bytes: Uint8Array): Promise<Uint8Array>;
}

export function createMediaDecoder(manifest: BundleManifest, limits: Limits): MediaDecoder {
  const { audio, image } = manifest.input;
  return {
    async audio(bytes, onNote) {
      if (!audio) throw cannot(manifest, 'embed-audio');
      const { sampleRate } = audio;
      const waveform = await decodeAudio(bytes, { sampleRate, maxSeconds: limits.audioSeconds, onNote });
      expectSound(waveform);
      return waveform;
    },
    async image(bytes) {
      if (!image) throw cannot(manifest, 'embed-image');
      const { shortSide } = image;
      return prepareImage(await decodePicture(bytes, { maxPixels: limits.imagePixels, shortSide }), image);
    },
  };
}
