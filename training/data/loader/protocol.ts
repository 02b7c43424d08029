import type { ImageFrontend } from '#core/config.ts';
import type { ClipFile } from '#core/datasets/clipFiles.ts';
import type { InputErrorKind } from '#core/errors.ts';
import type { Augmentation } from './augmentation.ts';

/** What a batch is written into; a buffer is empty where there is nothing to hear, or to see. */
export interface Slot {
  /** float32 `[B, N]`. */
  waveforms: SharedArrayBuffer;
  /** RGB uint8 `[B, H, W, 3]`. */
  pictures: SharedArrayBuffer;
}

export interface WorkerSetup {
  /** Paths of the tar files, by number. */
  shards: string[];
  slots: Slot[];
  /** In a window; null: no row has a sound. */
  samples: number | null;
  /** null: no row has a picture. */
  image: Pick<ImageFrontend, 'width' | 'height' | 'shortSide'> | null;
  augmentation: Augmentation;
  seed: number;
}

/** A window of sound and a picture, or one of them, to write into one row of a slot. */
export interface Row {
  row: number;
  /** Of the random numbers: one for each row of each step. */
  stream: number;
  sound: SoundPlace | null;
  picture: ClipFile | null;
}

export interface SoundPlace {
  file: ClipFile;
  startSample: number;
  /** By which the window is turned: what leaves at its end comes in at its beginning. */
  rollSamples: number;
}

export interface Job {
  slot: number;
  rows: Row[];
}

/** That the rows are written, or why they cannot be. */
export interface Done {
  slot: number;
  error?: { message: string; kind: InputErrorKind };
}
