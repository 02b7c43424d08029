import type { AudioInput, ImageInput } from '#core/bundle/manifest.ts';
import { Random } from '#core/random.ts';
import { openBundleFolder } from '#node/bundle/openFolder.ts';

/** Milliseconds of each pair. */
export interface Native {
  atOnce: number[];
  afterPause: number[];
}

/**
 * onnxruntime-node with one thread in this process, without browser, worker or message: what a pause alone costs on this machine, whose memory
 * is no longer near the processor after it.
 */
export async function measureNative(
  folder: string,
  { turns, pauseMs }: { turns: number; pauseMs: number },
): Promise<Native> {
  const { manifest, run, release } = await openBundleFolder(folder, { threads: 1 });
  const { samples } = manifest.input.audio as AudioInput;
  const { width, height } = manifest.input.image as ImageInput;
  const random = new Random(1);
  const waveform = Float32Array.from({ length: samples }, () => random.uniform() - 0.5);
  const image = Uint8Array.from({ length: 3 * width * height }, () => 256 * random.uniform());
  const judge = async () => {
    const startMs = performance.now();
    const { audio_embedding } = await run('audio', { waveform }, ['audio_embedding']);
    const { image_embedding } = await run('image', { image }, ['image_embedding']);
    await run('match', { audio_embedding, image_embedding }, ['probability']);
    return performance.now() - startMs;
  };
  const native: Native = { atOnce: [], afterPause: [] };
  for (let turn = 0; turn < turns; turn++) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    native.afterPause.push(await judge());
    await judge();
    native.atOnce.push(await judge());
  }
  await release();
  return native;
}
