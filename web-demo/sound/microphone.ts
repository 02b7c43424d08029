import recorderScript from './recorder.worklet.ts?worker&url';
import type { Sound } from './sound.ts';

export interface RecordOptions {
  maxSeconds: number;
  /** Ends the recording early; what there is by then is kept. */
  stop: AbortSignal;
  /** @param level loudness of the last moment: root mean square in [0, 1]. */
  onLevel: (level: number, seconds: number) => void;
}

// The click or key that starts a recording is heard too; it is over by then.
const skippedSeconds = 0.15;

// Slow machines may take this long to begin.
const patienceSeconds = 4;

/** Records from the microphone, at the device's rate. @throws {Error} with a message for people, where that is not possible. */
export async function record({ maxSeconds, stop, onLevel }: RecordOptions): Promise<Sound> {
  const microphone = await openMicrophone();
  const context = new AudioContext();
  try {
    const { sampleRate } = context;
    await context.audioWorklet.addModule(recorderScript);
    const recorder = new AudioWorkletNode(context, 'recorder', { numberOfOutputs: 0 });
    context.createMediaStreamSource(microphone).connect(recorder);
    const blocks: Float32Array[] = [];
    let samples = -Math.round(skippedSeconds * sampleRate);
    await new Promise<void>((resolve, reject) => {
      stop.addEventListener('abort', () => resolve());
      if (stop.aborted) resolve();
      // A microphone that is unplugged, or that another program takes, goes silent without a word.
      setTimeout(resolve, 1000 * (maxSeconds + patienceSeconds));
      recorder.onprocessorerror = () =>
        reject(new Error('The browser stopped the recording. Try again, or open a sound file.'));
      recorder.port.onmessage = ({ data: block }: MessageEvent<Float32Array>) => {
        samples += block.length;
        if (samples <= 0) return;
        blocks.push(block);
        onLevel(rootMeanSquare(block), samples / sampleRate);
        if (samples >= maxSeconds * sampleRate) resolve();
      };
    });
    return { waveform: join(blocks), sampleRate };
  } finally {
    for (const track of microphone.getTracks()) track.stop();
    await context.close();
  }
}

async function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) {
    throw new Error(
      'Browsers give the microphone only to pages on https:// or localhost. Open this page there, or pick a sound.',
    );
  }
  try {
    // As it is: what makes calls clearer makes recordings unlike those that the model learned from.
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
  } catch (error) {
    const { name, message } = error as DOMException;
    if (name === 'NotAllowedError') {
      throw new Error(
        'The microphone is not allowed for this page. Allow it beside the address bar and press Record again, or pick a sound.',
      );
    }
    if (name === 'NotFoundError') throw new Error('No microphone was found. Connect one, or pick a sound.');
    throw new Error(
      `The microphone does not start (${message || name}). Is another program using it? You can also pick a sound.`,
    );
  }
}

function rootMeanSquare(block: Float32Array): number {
  return Math.sqrt(block.reduce((sum, sample) => sum + sample * sample, 0) / block.length);
}

function join(blocks: Float32Array[]): Float32Array {
  const waveform = new Float32Array(blocks.reduce((length, block) => length + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    waveform.set(block, at);
    at += block.length;
  }
  return waveform;
}
