import type { Page } from 'playwright-core';
import type { AudioInput, ImageInput } from '#core/bundle/manifest.ts';

/** Makes what no one has heard or seen before, of the sizes that the graphs take. */
export interface Noise {
  waveform(): Float32Array;
  image(): Uint8Array;
}

/** Puts it into the page, as `noise`. */
export async function offerNoise(
  page: Page,
  { audio, image }: { audio: AudioInput; image: ImageInput },
): Promise<void> {
  await page.evaluate(
    ({ samples, bytes }) => {
      const noise: Noise = {
        waveform: () => Float32Array.from({ length: samples }, () => Math.random() - 0.5),
        image: () => Uint8Array.from({ length: bytes }, () => 256 * Math.random()),
      };
      Object.assign(window, { noise });
    },
    { samples: audio.samples, bytes: image.height * image.width * 3 },
  );
}
