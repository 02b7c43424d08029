// The audio thread's own globals, which TypeScript's libraries do not describe.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Sends what the microphone gives, block by block (128 samples), its channels made one. */
class Recorder extends AudioWorkletProcessor {
  process([channels = []]: Float32Array[][]): boolean {
    const [first] = channels;
    if (first) {
      const mono = first.map(
        (_, n) => channels.reduce((sum, channel) => sum + (channel[n] as number), 0) / channels.length,
      );
      this.port.postMessage(mono, [mono.buffer]);
    }
    return true;
  }
}

registerProcessor('recorder', Recorder);
