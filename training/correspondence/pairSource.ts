import type { CheckpointState } from '#core/checkpoint.ts';
import type { ModelConfig } from '#core/config.ts';
import type { BatchPairs } from '#core/datasets/pairs/matchRows.ts';
import type { Split } from '#core/datasets/prepared.ts';
import type { JudgedPair } from '#core/metrics.ts';
import type { Network } from '../model/network.ts';
import type { Finish } from '../task.ts';

export interface SourceOptions {
  model: ModelConfig;
  /** Sounds, and as many pictures, in a batch. */
  rows: number;
  /** That a step takes: parts of its batch, or, where batches are shown several times, less than one. */
  batchesPerStep: number;
  matchesPerClip: number;
  seed: number;
}

/** Sounds and pictures to learn and to be judged by. */
export interface PairSource {
  dataset: CheckpointState['dataset'];
  /** Sounds in an epoch. */
  sounds: number;
  startBatches(firstBatch: number): PairBatches;
  /** Scores the fixed pairs of a split; empty where it has none. */
  judge(network: Network, split: Exclude<Split, 'train'>): Promise<JudgedPair[]>;
  /** Fits what stands on the trained branches, and reads the test split. */
  finish(network: Network): Promise<Finish>;
}

export interface PairBatches {
  /** The batch of the next number; its arrays hold until the next call. */
  next(): Promise<PairBatch>;
  close(): Promise<void>;
}

/** A row's sound and picture belong together. */
export interface PairBatch {
  /** float32 `[B, N]`. */
  waveforms: Float32Array;
  /** RGB uint8 `[B, H, W, 3]`. */
  pictures: Uint8Array;
  pairs: BatchPairs;
  /** Whether the sound of one row and the picture of another may be shown as not belonging together. */
  mayMismatch(soundRow: number, pictureRow: number): boolean;
  /** Whether they match as a row does with itself: in a dataset that joins by category, two of one. */
  belongTogether(soundRow: number, pictureRow: number): boolean;
}
