import type { Source } from '../chosen.ts';

/** Sound of one channel. */
export interface Waveform {
  /** `[N]` float32 in [-1, 1], mono. */
  waveform: Float32Array;
  sampleRate: number; // Hz
}

/** A sound at the model's rate. */
export interface Sound extends Waveform {
  /** Of these numbers alone. */
  id: string;
  title: string;
  source: Source;
  /** What people should know of how it was read. */
  note: string | null;
  /** Where the part begins that alone is judged, as long as the model's window; null: the whole sound is. */
  startSeconds: number | null;
}

export function secondsOf({ waveform, sampleRate }: Waveform): number {
  return waveform.length / sampleRate;
}

/** @returns what the engine is asked about. */
export function judgedPart(
  { id, waveform, sampleRate, startSeconds }: Sound,
  samples: number,
): { id: string; waveform: Float32Array } {
  if (startSeconds === null) return { id, waveform };
  const start = Math.min(Math.round(startSeconds * sampleRate), Math.max(0, waveform.length - samples));
  return { id: `${id}@${start}`, waveform: waveform.slice(start, start + samples) };
}
