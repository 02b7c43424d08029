import type { Golden } from '#core/bundle/golden/file.ts';
import type { CheckpointState } from '#core/checkpoint.ts';
import type { ModelConfig } from '#core/config.ts';
import type { tf } from './tensorflow/load.ts';

/** What a run learns and is judged by; `train.ts` drives any of them through its steps. */
export interface Task {
  dataset: CheckpointState['dataset'];
  /** What the optimizer changes. */
  variables: tf.Variable[];
  /** Steps in which each example is drawn once, about. */
  stepsPerEpoch: number;
  /** @param firstBatch where the run goes on; batches depend on the seed and their number alone. */
  startBatches(firstBatch: number): Batches;
  /** On the validation split; null: there is none. */
  validate(): Promise<Metrics | null>;
  /** Puts weights that were saved in place of the present ones. */
  restore(models: Models): void;
  /** Fits what stands on the trained network, and reads the test split, once. */
  finish(): Promise<Finish>;
  /** Classifiers and what was measured of them that the run has from its beginning on; most have none. */
  carried?: Finish;
  /** What a checkpoint holds of the network, with the classifiers of {@link finish} once there are any. */
  contents(classifiers: Classifier[]): CheckpointContents;
}

/** A checkpoint of the run that goes on: it has all that the run's beginning had, so what it began from may be gone. */
export interface Begun {
  state: Pick<CheckpointState, 'config' | 'classifiers' | 'metrics'>;
  models: Models;
}

/** By folder name: `audio`, `image`, `match`, `classify-NAME`. */
export type Models = Record<string, tf.LayersModel>;

/** Flat numbers by name, as `metrics.jsonl` and model cards have them; `accuracy` is among them. */
export type Metrics = Record<string, number>;

export interface Batches {
  /** The next batch; it holds until the one after it is asked for. */
  next(): Promise<Batch>;
  close(): Promise<void>;
}

export interface Batch {
  /** What one batch, or one part of it, asks of the network: run once, inside the optimizer. */
  loss(): StepLoss;
  /** Frees the batch's tensors. */
  dispose(): void;
}

export interface StepLoss {
  loss: tf.Scalar;
  /** Share of this batch's examples that the network has right. */
  accuracy: tf.Scalar;
}

export type Classifier = CheckpointState['classifiers'][number] & { model: tf.LayersModel };

export interface Finish {
  classifiers: Classifier[];
  /** On the test split. */
  metrics: Metrics;
}

export interface CheckpointContents {
  parts: CheckpointState['parts'];
  /** Of the network, with what the run's settings leave to it resolved. */
  config: ModelConfig;
  models: Models;
  golden: Golden;
}
