import type { ProgressOutput } from '#core/progress.ts';
import type { TrainConfig } from '../config.ts';
import type { Metrics } from '../task.ts';

export interface TrainOptions<Config = TrainConfig> {
  config: Config;
  runDir: string;
  /** Continue the run that is there, if any. */
  resume: boolean;
  /** Of the code, for the record. */
  commit: string | null;
  output: ProgressOutput;
  /** When it fires, the run saves where it stands and returns. */
  signal: AbortSignal;
}

export interface TrainResult {
  checkpoint: string;
  step: number;
  finished: boolean;
  /** On the test split; empty where the run was stopped before its end. */
  metrics: Metrics;
}
