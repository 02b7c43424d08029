import type { Sound } from './sound.ts';

export interface Player {
  /** Stops what is playing and plays this. Browsers let a page be heard only after a click in it. */
  play(sound: Sound): void;
}

export function createPlayer(): Player {
  let context: AudioContext | null = null;
  let playing: AudioBufferSourceNode | null = null;
  return {
    play({ waveform, sampleRate }) {
      context ??= new AudioContext();
      playing?.stop();
      const buffer = context.createBuffer(1, waveform.length, sampleRate);
      buffer.copyToChannel(waveform as Float32Array<ArrayBuffer>, 0);
      playing = new AudioBufferSourceNode(context, { buffer });
      playing.connect(context.destination);
      playing.start();
    },
  };
}
