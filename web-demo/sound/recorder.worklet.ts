// The audio thread's own globals, which TypeScript's libraries do not describe.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Samples sent at once: the page's thread is asked 20 to 50 times a second, not 375 times. */
const blockLength = 1024;

/** Sends what the microphone gives, its channels made one. */
class Recorder extends AudioWorkletProcessor {
  #block = new Float32Array(blockLength);
  #length = 0;

  process([channels = []]: Float32Array[][]): boolean {
    const [first] = channels;
    for (let n = 0; first && n < first.length; n++) {
      this.#block[this.#length++] =
        channels.reduce((sum, channel) => sum + (channel[n] as number), 0) / channels.length;
      if (this.#length < blockLength) continue;
      this.port.postMessage(this.#block, [this.#block.buffer]);
      this.#block = new Float32Array(blockLength);
      this.#length = 0;
    }
    return true;
  }
}

registerProcessor('recorder', Recorder);
