import { decodeAudio } from '#core/media/audio.ts';
import { prepareImage } from '#core/media/image.ts';

/** Numbers instead of typed arrays, which do not travel from the test to the page. */
export type Question =
  | { audio: number[]; options: Parameters<typeof decodeAudio>[1] }
  | { pixels: { data: number[]; width: number; height: number }; input: Parameters<typeof prepareImage>[1] };

globalThis.onmessage = async ({ data }: MessageEvent<Question>) => {
  try {
    globalThis.postMessage(
      'audio' in data
        ? await decodeAudio(Uint8Array.from(data.audio), data.options)
        : await prepareImage({ ...data.pixels, data: Uint8ClampedArray.from(data.pixels.data) }, data.input),
    );
  } catch (error) {
    globalThis.postMessage(String(error));
  }
};
