import { type ProgressOutput, startProgress } from '#core/progress.ts';

export interface TrainingProgressOptions {
  steps: number;
  /** Taken already, before this began. */
  done: number;
  /** Examples of a step. */
  batchSize: number;
  task: 'correspondence' | 'classify';
  output: ProgressOutput;
}

/** How a run is doing, in one line: "step 420 of 1500 · loss 0.412 · accuracy 0.81 · validation 0.790 · 62 pairs/s · 3 min 05 s left". */
export interface TrainingProgress {
  /** What a step's batch gave, as soon as it is read: judging and saving do not count as time of the step. */
  trained(step: number, report: { loss: number; accuracy: number }): void;
  validated(metrics: { accuracy: number }): void;
  /** After all that a step asks for. */
  update(step: number): void;
  /** Writes a line above the bar. */
  say(line: string): void;
  end(): void;
}

export function startTrainingProgress(options: TrainingProgressOptions): TrainingProgress {
  const { steps, done, batchSize, task, output } = options;
  const examples = task === 'correspondence' ? 'pairs' : 'examples';
  const bar = startProgress({ label: 'step', total: steps, done, output });
  const facts = { training: '', validation: '', pace: '' };
  let timed = { step: done, ms: performance.now() };
  let isRead = false;

  return {
    trained(step, { loss, accuracy }) {
      const seconds = (performance.now() - timed.ms) / 1000;
      const pace = (batchSize * (step - timed.step)) / seconds;
      facts.training = `loss ${loss.toPrecision(3)} · accuracy ${accuracy.toFixed(2)}`;
      facts.pace = `${pace.toPrecision(pace < 100 ? 2 : 3)} ${examples}/s`;
      isRead = true;
    },
    validated({ accuracy }) {
      facts.validation = `validation ${accuracy.toFixed(3)}`;
    },
    update(step) {
      if (isRead) timed = { step, ms: performance.now() };
      isRead = false;
      const { training, validation, pace } = facts;
      bar.update(step, [training, validation, pace].filter(Boolean).join(' · '));
    },
    say: bar.say,
    end: bar.end,
  };
}
