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
  /** Of a run that has come to its end; null before. */
  finish: Finish | null;
}

/** What `state.json` says of a run at a step. */
export function checkpointState(options: StateOptions): UnsavedCheckpoint['state'] {
  const { config, step, chosen, commit, dataset, contents, finish } = options;
  return {
    schema: 'clapper-checkpoint/1',
    step,
    finished: finish !== null,
    chosen,
    preset: config.preset,
    seed: config.seed,
    commit,
    dataset,
    config: { ...config, model: contents.config },
    parts: contents.parts,
    classifiers: (finish?.classifiers ?? []).map(({ name, input, labels }) => ({ name, input, labels })),
    metrics: finish?.metrics ?? {},
  };
}
