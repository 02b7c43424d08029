import type { CheckpointState } from '#core/checkpoint.ts';
import { InputError } from '#core/errors.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { Adam } from './adam.ts';
import type { SteppedConfig } from './config.ts';
import { createCorrespondenceTask } from './correspondence/task.ts';
import { type Checkpoint, checkpointFolder, loadCheckpoint, saveCheckpoint } from './run/checkpoint.ts';
import { partsOf } from './run/config.ts';
import { openRunFolder } from './run/runFolder.ts';
import { isDue, learningRateAt, stepsOf } from './run/schedule.ts';
import type { Batches, Finish, Metrics, Task } from './task.ts';
import { tf } from './tensorflow/load.ts';

export interface TrainOptions {
  config: SteppedConfig;
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

/** Trains from where the run's newest checkpoint stands, or from the start, and judges the network on the test split at the end. */
export async function train({ config, runDir, resume, commit, output, signal }: TrainOptions): Promise<TrainResult> {
  const run = await openRunFolder(runDir, { config, resume });
  const begun = run.checkpoint;
  if (begun?.state.finished) return resultOf(begun.state, runDir);

  const task = await createTask(config, begun);
  const steps = stepsOf(config, task.stepsPerEpoch);
  const { parts } = partsOf(config);
  const optimizer = new Adam(task.variables, config.weightDecay);
  if (begun) optimizer.restore(begun.optimizer);
  let chosen = begun?.state.chosen ?? null;

  const save = (step: number, finish?: Finish) => {
    const { classifiers = [], metrics = {} } = finish ?? {};
    const { config: model, ...contents } = task.contents(classifiers);
    const state: CheckpointState = {
      schema: 'clapper-checkpoint/1',
      step,
      finished: finish !== undefined,
      chosen,
      preset: config.preset,
      seed: config.seed,
      commit,
      dataset: task.dataset,
      config: { ...config, model },
      parts: contents.parts,
      classifiers: classifiers.map(({ name, input, labels }) => ({ name, input, labels })),
      metrics,
    };
    return saveCheckpoint(runDir, { state, ...contents, optimizer: optimizer.state() });
  };

  const firstStep = (begun?.state.step ?? 0) + 1;
  const batches = task.startBatches((firstStep - 1) * parts);
  const progress = startProgress({ label: 'step', total: steps, done: firstStep - 1, output });
  let note = '';
  let lastStep = steps;
  try {
    for (let step = firstStep; step <= lastStep; step++) {
      const report = await takeStep({ optimizer, batches, parts });
      optimizer.apply(learningRateAt(step, { ...config, steps }));
      const isLast = step === steps;
      const isEvaluated = isDue(step, config.evalEvery) || isLast;
      const isSaved = isDue(step, config.saveEvery) || isEvaluated || signal.aborted;
      if (isDue(step, config.logEvery) || isSaved) {
        const { loss, accuracy } = await report.read(); // waits for the device
        if (!Number.isFinite(loss)) throw diverged(step);
        if (isDue(step, config.logEvery)) await run.log({ step, loss, accuracy });
      }
      report.dispose();
      if (isEvaluated) {
        const validation = await task.validate();
        if (validation) {
          const { accuracy } = validation as { accuracy: number };
          await run.log({ step, split: 'validation', ...validation });
          note = `validation accuracy ${accuracy.toFixed(3)}`;
          if (config.choose === 'best' && accuracy > (chosen?.accuracy ?? -1)) chosen = { step, accuracy };
          if (chosen && config.earlyStop && step - chosen.step >= config.earlyStop * config.evalEvery) lastStep = step;
        }
      }
      progress.update(step, note);
      if (isSaved && step < lastStep) {
        const checkpoint = await save(step);
        if (signal.aborted) return { checkpoint, step, finished: false, metrics: {} };
      }
      await new Promise(setImmediate); // lets signals in
    }
  } finally {
    progress.end();
    await batches.close();
  }

  if (chosen && chosen.step < lastStep) {
    task.restore((await loadCheckpoint(checkpointFolder(runDir, chosen.step))).models);
  }
  const finish = await task.finish();
  await run.log({ step: lastStep, split: 'test', ...finish.metrics });
  const checkpoint = await save(lastStep, finish);
  return { checkpoint, step: lastStep, finished: true, metrics: finish.metrics };
}

async function createTask(config: SteppedConfig, begun: Checkpoint | null): Promise<Task> {
  const models = begun?.models ?? null;
  if (config.task === 'correspondence') return createCorrespondenceTask(config, models);
  const { createClassifyTask } = await import('./classify/task.ts');
  return createClassifyTask(config, models);
}

/** Of one step; the numbers are on the device until they are read. */
interface StepReport {
  read(): Promise<{ loss: number; accuracy: number }>;
  dispose(): void;
}

/** Adds up the gradients of the batch's parts. */
async function takeStep(options: { optimizer: Adam; batches: Batches; parts: number }): Promise<StepReport> {
  const { optimizer, batches, parts } = options;
  const losses: tf.Scalar[] = [];
  const accuracies: tf.Scalar[] = [];
  for (let part = 0; part < parts; part++) {
    const batch = await batches.next();
    const value = optimizer.accumulate(() => {
      const { loss, accuracy } = batch.loss();
      accuracies.push(tf.keep(accuracy));
      return loss;
    });
    losses.push(value);
    batch.dispose();
  }
  const mean = async (values: tf.Scalar[]) => {
    const numbers = await Promise.all(values.map((value) => value.data()));
    return numbers.reduce((sum, number) => sum + (number[0] as number), 0) / parts;
  };
  return {
    read: async () => ({ loss: await mean(losses), accuracy: await mean(accuracies) }),
    dispose: () => tf.dispose([...losses, ...accuracies]),
  };
}

function resultOf({ step, finished, metrics }: CheckpointState, runDir: string): TrainResult {
  return { checkpoint: checkpointFolder(runDir, step), step, finished, metrics };
}

function diverged(step: number): InputError {
  return new InputError(
    `The loss at step ${step} is not a number. Try a lower rate, for example --set learningRate=1e-3.`,
  );
}
