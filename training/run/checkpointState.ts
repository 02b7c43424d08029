import type { CheckpointState } from '#core/checkpoint.ts';
import type { TrainConfig } from '../config.ts';
import type { CheckpointContents, Finish } from '../task.ts';
import type { UnsavedCheckpoint } from './checkpoint.ts';

export interface StateOptions {
  config: TrainConfig;
  step: number;
  chosen: CheckpointState['chosen'];
  /** Of the code. */
  commit: string | null;
  dataset: CheckpointState['dataset'];
  contents: CheckpointContents;
  finished: boolean;
  /** Classifiers and metrics; null: none yet. */
  known: Finish | null;
}

/** What `state.json` says of a run at a step. */
export function checkpointState(options: StateOptions): UnsavedCheckpoint['state'] {
  const { config, step, chosen, commit, dataset, contents, finished, known } = options;
  return {
    schema: 'clapper-checkpoint/1',
    step,
    finished,
    chosen,
    preset: config.preset,
    seed: config.seed,
    commit,
    dataset,
    config: { ...config, model: contents.config },
    parts: contents.parts,
    classifiers: (known?.classifiers ?? []).map(({ name, input, labels }) => ({ name, input, labels })),
    metrics: known?.metrics ?? {},
  };
}
