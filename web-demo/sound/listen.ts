import { lastSamples } from './lastSamples.ts';
import { loudness } from './loudness.ts';
import { openMicrophone } from './microphone.ts';
import type { Waveform } from './sound.ts';

export interface ListenOptions {
  /** Length of the window that slides over what comes. */
  seconds: number;
  onWindow: (window: Waveform) => void;
  onLevel: (level: number) => void;
  onEnd: (error: Error) => void;
}

/** From one window to the next. */
const hopSeconds = 0.25;

/** Listens until it is stopped. @returns what stops it. @throws {Error} as `openMicrophone`. */
export async function listen({ seconds, onWindow, onLevel, onEnd }: ListenOptions): Promise<() => void> {
  const blocks: Float32Array[] = [];
  let kept = 0;
  let since = 0;
  let sampleRate = 48_000;
  const microphone = await openMicrophone({
    onEnd,
    onBlock(block) {
      blocks.push(block);
      kept += block.length;
      since += block.length;
      while (kept - (blocks[0] as Float32Array).length > seconds * sampleRate)
        kept -= (blocks.shift() as Float32Array).length;
      onLevel(loudness(block));
      if (since < hopSeconds * sampleRate) return;
      since = 0;
      onWindow({ waveform: lastSamples(blocks, seconds * sampleRate), sampleRate });
    },
  });
  sampleRate = microphone.sampleRate;
  return microphone.close;
}
