import { InputError } from '../errors.ts';

export interface AudioWindow {
  startSeconds: number;
  /** `[N]` float32; of a longer sound a view, not a copy. */
  samples: Float32Array;
}

export interface WindowOptions {
  sampleRate: number; // Hz
  samples: number; // in one window
  /** From one window's start to the next; default half a window. */
  hopSeconds?: number | undefined;
}

/**
 * Cuts a sound of any length into the windows that a model hears: every `hopSeconds`, and a last one that ends with the sound.
 * A sound shorter than a window stands in the middle of silence, and starts at 0.
 *
 * @throws {InputError} for a sound without samples or a hop below one sample.
 */
export function audioWindows(waveform: Float32Array, options: WindowOptions): AudioWindow[] {
  const { sampleRate, samples } = options;
  if (waveform.length === 0) throw new InputError('Expected a sound but it has no samples.', 'unreadable_media');
  const starts = windowStarts(waveform.length, options);
  if (waveform.length <= samples) return [{ startSeconds: 0, samples: centreInWindow(waveform, samples) }];
  return starts.map((start) => ({
    startSeconds: start / sampleRate,
    samples: waveform.subarray(start, start + samples),
  }));
}

/**
 * @param length of the sound, in samples.
 * @returns the first sample of each of {@link audioWindows}.
 * @throws {InputError} for a hop below one sample.
 */
export function windowStarts(length: number, options: WindowOptions): number[] {
  const { sampleRate, samples, hopSeconds = samples / sampleRate / 2 } = options;
  const hop = Math.round(hopSeconds * sampleRate);
  if (!(hop >= 1)) throw new InputError(`Expected hopSeconds above 0 but received ${hopSeconds}.`);
  const last = Math.max(0, length - samples);
  const starts: number[] = [];
  for (let start = 0; start < last; start += hop) starts.push(start);
  return [...starts, last];
}

/** One window from the middle of the sound; where the sound is shorter, silence around it. */
export function centreInWindow(waveform: Float32Array, samples: number): Float32Array {
  const spare = samples - waveform.length;
  if (spare < 0) return waveform.slice(Math.floor(-spare / 2), Math.floor(-spare / 2) + samples);
  const window = new Float32Array(samples);
  window.set(waveform, Math.floor(spare / 2));
  return window;
}
