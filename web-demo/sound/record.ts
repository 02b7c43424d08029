import { lastSamples } from './lastSamples.ts';
import { loudness } from './loudness.ts';
import { openMicrophone } from './microphone.ts';
import type { Waveform } from './sound.ts';

export interface RecordOptions {
  /** From where sound begins. */
  seconds: number;
  /** Ends the recording early; what there is by then is kept. */
  stop: AbortSignal;
  /** @param left seconds; null: no sound has come yet. */
  onLevel: (level: number, left: number | null) => void;
}

// The click or key that starts a recording is heard too; it is over by then.
const skippedSeconds = 0.15;

/** Louder than a quiet room, as root mean square: -46 dB. Recording begins there. */
const beginsAbove = 0.005;

/** Kept of what came before, for sounds begin softly. */
const leadSeconds = 0.25;

/** After so long without sound it ends with what came, which may be silence. */
const patienceSeconds = 8;

/**
 * Records from the microphone, at the device's rate, from where sound begins.
 *
 * @throws {Error} with a message for people, where that is not possible.
 */
export function record({ seconds, stop, onLevel }: RecordOptions): Promise<Waveform> {
  return new Promise((resolve, reject) => {
    let blocks: Float32Array[] = [];
    let samples = 0; // since the microphone opened
    let beganAt: number | null = null;
    let sampleRate = 48_000;
    const opening = openMicrophone({
      onEnd: reject,
      onBlock(block) {
        samples += block.length;
        if (samples < skippedSeconds * sampleRate) return;
        blocks.push(block);
        const level = loudness(block);
        if (beganAt === null && level > beginsAbove) {
          beganAt = samples - block.length;
          blocks = [lastSamples(blocks, leadSeconds * sampleRate)];
        }
        const end = beganAt === null ? patienceSeconds * sampleRate : beganAt + seconds * sampleRate;
        onLevel(level, beganAt === null ? null : Math.max(0, (end - samples) / sampleRate));
        if (samples >= end) finish();
      },
    });
    const finish = () => {
      opening.then(({ close }) => close()).catch(() => {});
      const length = beganAt === null ? seconds : seconds + leadSeconds;
      resolve({ waveform: lastSamples(blocks, length * sampleRate), sampleRate });
    };
    opening.then((microphone) => {
      sampleRate = microphone.sampleRate;
      if (stop.aborted) finish();
      stop.addEventListener('abort', finish);
    }, reject);
  });
}
