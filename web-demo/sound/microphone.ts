import { inTime } from '../delivery/inTime.ts';
import { text } from '../text.ts';
import recorderScript from './recorder.worklet.ts?worker&url';

export interface Microphone {
  sampleRate: number; // Hz, the device's
  close(): void;
}

export interface MicrophoneOptions {
  onBlock: (block: Float32Array) => void;
  /** It stopped by itself. */
  onEnd: (error: Error) => void;
}

// A microphone that is unplugged, or that another program takes, goes silent without a word. Slow machines may take this long to begin.
const patienceMs = 6000;

/** @throws {Error} with a message for people, where there is no microphone or it is not allowed. */
export async function openMicrophone({ onBlock, onEnd }: MicrophoneOptions): Promise<Microphone> {
  const stream = await openStream();
  const context = new AudioContext();
  let patience = 0;
  const close = () => {
    clearTimeout(patience);
    for (const track of stream.getTracks()) track.stop();
    // Nobody waits for this: where the machine has no loudspeaker it never ends.
    if (context.state !== 'closed') context.close().catch(() => {});
  };
  const end = () => {
    close();
    onEnd(new Error(text.microphone.stopped));
  };
  const wait = () => {
    clearTimeout(patience);
    patience = window.setTimeout(end, patienceMs);
  };
  try {
    await inTime(context.audioWorklet.addModule(recorderScript)).catch((cause) => {
      throw new Error(text.noPart(text.recording), { cause });
    });
    const recorder = new AudioWorkletNode(context, 'recorder', { numberOfOutputs: 0 });
    recorder.onprocessorerror = end;
    recorder.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      if (context.state === 'closed') return;
      wait();
      onBlock(data);
    };
    context.createMediaStreamSource(stream).connect(recorder);
    wait();
    return { sampleRate: context.sampleRate, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function openStream(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new Error(text.microphone.insecure);
  try {
    // As it is: what makes calls clearer makes recordings unlike those that the model learned from.
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  } catch (error) {
    const { name, message } = error as DOMException;
    if (name === 'NotAllowedError') throw new Error(text.microphone.denied);
    if (name === 'NotFoundError') throw new Error(text.microphone.missing);
    throw new Error(text.microphone.broken(message || name));
  }
}
