import type { Variant } from '#core/bundle/graphs.ts';
import type { Patience } from './patience.ts';

/** A sound or picture file that was sent. */
export interface Media {
  /** As messages call it: `audio`, `images[2]`. */
  name: string;
  bytes: Uint8Array;
}

/** Which model is asked; default the first one, in its first variant. */
export interface Addressed {
  model?: string | undefined;
  variant?: Variant | undefined;
}

export interface Caller {
  patience: Patience;
  /** After so long the caller is told that it took too long. */
  timeoutMs: number;
}

export interface Question extends Addressed {
  sounds: Media[];
  images: Media[];
  /** From one window's start to the next; default half a window. */
  hopSeconds?: number | undefined;
}

export interface Answered<Answer> {
  model: string;
  variant: Variant;
  answer: Answer;
  /** What the caller should know of how his files were taken. */
  notes: string[];
  timings: AnswerTimings;
}

/** Milliseconds: waited, decoding, in ONNX Runtime; of parts that ran side by side the sum. */
export interface AnswerTimings {
  queue: number;
  decode: number;
  infer: number;
}
