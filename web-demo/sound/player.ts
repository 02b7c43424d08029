import type { Waveform } from './sound.ts';

export interface Player {
  play(sound: Waveform): void;
  stop(): void;
}

/** Plays one sound at a time. @param onPlaying is told when it begins and ends. */
export function createPlayer(onPlaying: (isPlaying: boolean) => void = () => {}): Player {
  let context: AudioContext | null = null;
  let playing: AudioBufferSourceNode | null = null;
  const stop = () => {
    playing?.stop();
    playing = null;
    onPlaying(false);
  };
  return {
    stop,
    play({ waveform, sampleRate }) {
      context ??= new AudioContext();
      context.resume().catch(() => {}); // it may have been made before the visitor's first press, when none may play
      stop();
      const buffer = context.createBuffer(1, waveform.length, sampleRate);
      buffer.copyToChannel(waveform as Float32Array<ArrayBuffer>, 0);
      const node = new AudioBufferSourceNode(context, { buffer });
      node.onended = () => {
        if (playing === node) stop();
      };
      node.connect(context.destination);
      node.start();
      playing = node;
      onPlaying(true);
    },
  };
}
