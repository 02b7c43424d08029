import type { Variant } from '#core/bundle/graphs.ts';
import type { Classification, EncodedSound, Match } from '#core/bundle/matcher.ts';
import type { InputErrorKind } from '#core/errors.ts';
import type { Limits } from './limits.ts';

/** A bundle in one precision, as workers load it. */
export interface BundleToLoad {
  /** As tasks name it. */
  key: string;
  folder: string;
  variant: Variant;
  /** Of the manifest that was there when the models were read. */
  digest: string;
}

/** What a worker is started with. */
export interface WorkerSetup {
  bundles: BundleToLoad[];
  /** Threads that one graph runs on. */
  threads: number;
  provider: Provider;
  limits: Limits;
}

export type Provider = 'cpu' | 'cuda' | 'webgpu';

/** What an encoder gave: of a sound a row each window, of a picture one, and no times. */
export interface Rows extends EncodedSound, Noted {}

export interface Noted {
  /** What people should know of how the file was taken, each a sentence. */
  notes: string[];
}

/** A sound or picture on its way through the worker, from as far as it has come already. */
export interface Item {
  kind: 'audio' | 'image';
  /** As messages call it. */
  name: string;
  /** From one window's start to the next; default half a window. */
  hopSeconds?: number | undefined;
  from: { file: Uint8Array } | Pick<Windowed, 'waveform' | 'starts'> | { encoded: Rows };
}

/** A sound as the graphs take it. */
export interface Windowed {
  waveform: Float32Array;
  /** The first sample of each window. */
  starts: number[];
  startSeconds: number[];
}

/** A sound that others are to encode. */
export interface DecodedSound extends Windowed, Noted {}

/** What is to be said of encoded items. */
export type Judgement = 'score' | 'classify' | 'nothing';

export interface MediaTask {
  task: 'media';
  bundle: string;
  items: Item[];
  judgement: Judgement;
  /** Whether classifiers will read what is encoded. */
  features: boolean;
  /** Whether encoded items are sent back; else only what was said of them. */
  keepsRows: boolean;
  /** A sound whose windows take longer than this is given back decoded, for others to share the work. */
  budgetMs: number;
}

/** One graph on tensors as they are. */
export interface GraphTask {
  task: 'graph';
  bundle: string;
  /** As the manifest calls it: `audio`, `image`, `match`, `classify-NAME`. */
  graph: string;
  /** Row after row, by the inputs' names. */
  inputs: Record<string, Float32Array | Uint8Array>;
  outputs: string[];
}

export type Task = MediaTask | GraphTask;

/** Each of its notes is a sentence that names its file; none while a sound is given back. */
export interface MediaResult extends Noted {
  task: 'media';
  /** Each item as far as it came; none where their rows are not wanted. */
  items: (Rows | DecodedSound)[];
  /** `[image][sound]`; null where it was not asked, or a sound was given back. */
  scores: Match[][] | null;
  /** Of the first item; null likewise. */
  classifications: Classification[] | null;
  timings: Timings;
}

export interface GraphResult {
  task: 'graph';
  outputs: Record<string, Float32Array>;
  timings: Timings;
}

export type Result = MediaResult | GraphResult;

/** Milliseconds in the worker. */
export interface Timings {
  decode: number;
  infer: number;
}

/** Tasks that are done together: their items go through the graphs in one batch. */
export interface TaskMessage {
  id: number;
  tasks: Task[];
  /** Files that are not in the tasks but come through the pipe, in this order. */
  largeFiles: LargeFile[];
}

/** Which item of which task it belongs to. */
export interface LargeFile {
  task: number;
  item: number;
  bytes: number;
}

/** Of each task what came of it. */
export type Outcome = Result | { failed: PlainError };

/** How long a worker takes, measured at its start. */
export interface Costs {
  windowMs: number;
  imageMs: number;
}

/** From a worker: once that it is ready or why it cannot be, then one for each message. */
export type WorkerMessage =
  | { ready: Record<string, Costs> }
  | { refused: PlainError }
  | { id: number; outcomes: Outcome[] };

/** An error as it passes between processes, which keep the class of none. */
export interface PlainError {
  message: string;
  /** Where it is the caller's mistake. */
  inputErrorKind?: InputErrorKind;
  /** Where it is ours. */
  stack?: string | undefined;
}
