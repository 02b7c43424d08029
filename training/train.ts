import type { CheckpointState } from '#core/checkpoint.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { Adam } from './adam.ts';
import { createClassifyTask } from './classify/fineTune/task.ts';
import { runSvmProbe } from './classify/probe/run.ts';
import type { SteppedConfig } from './config.ts';
import { createCorrespondenceTask } from './correspondence/task.ts';
import { checkPrecision } from './ops/conv3x3.ts';
import { type Checkpoint, loadCheckpoint } from './run/checkpoint.ts';
import { checkpointState } from './run/checkpointState.ts';
import { partsOf } from './run/config.ts';
import { expectSameDataset } from './run/datasetRecord.ts';
import { explainStop } from './run/explainStop.ts';
import { collectGarbage, garbageEvery } from './run/garbage.ts';
import { drawHistory } from './run/history.ts';
import { createLossGuard } from './run/lossGuard.ts';
import { measured } from './run/measured.ts';
import { openRunFolder, type RunFolder } from './run/runFolder.ts';
import { checkpointFolder, saveCheckpoint } from './run/savedCheckpoints.ts';
import { isDue, learningRateAt, stepsOf } from './run/schedule.ts';
import { settingsText } from './run/settingsText.ts';
import { createTensorCount } from './run/tensorCount.ts';
import { startTrainingProgress } from './run/trainingProgress.ts';
import type { TrainOptions, TrainResult } from './run/trainOptions.ts';
import type { Batches, Finish, Task } from './task.ts';
import { describeDevice } from './tensorflow/device.ts';
import { tf } from './tensorflow/load.ts';

/** Trains from where the run's newest checkpoint stands, or from the start, and judges what it learnt on the test split at the end. */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { config, runDir, output } = options;
  const run = await openRunFolder(runDir, options);
  try {
    if (run.checkpoint?.state.finished) return resultOf(run.checkpoint.state, runDir);
    output.write(`${settingsText(config)}\n${await describeDevice()}\n`);
    if (config.task === 'classify' && config.classifier === 'svm')
      return await runSvmProbe(run, { ...options, config });
    return await takeSteps(run, { ...options, config });
  } catch (error) {
    const reason = await explainStop(error, runDir);
    await run.withdraw();
    throw reason;
  } finally {
    await run.release();
  }
}

async function takeSteps(run: RunFolder, options: TrainOptions<SteppedConfig>): Promise<TrainResult> {
  const { config, runDir, commit, output, signal } = options;
  const begun = run.checkpoint;
  checkPrecision(config.precision);
  const task = await createTask(config, begun, output);
  if (begun) expectSameDataset(begun.state.dataset, task.dataset, runDir);
  const steps = stepsOf(config, task.stepsPerEpoch);
  const { parts } = partsOf(config);
  const optimizer = new Adam(task.variables, config.weightDecay);
  if (begun) optimizer.restore(begun.optimizer);
  const guard = createLossGuard(config);
  let chosen = begun?.state.chosen ?? null;

  const save = (step: number, finish: Finish | null = null) => {
    const known = finish ?? task.carried ?? null;
    const contents = task.contents(known?.classifiers ?? []);
    const { moments } = optimizer.state();
    guard.checkGradients(step, moments[0]);
    const state = checkpointState({
      config,
      step,
      chosen,
      commit,
      dataset: task.dataset,
      contents,
      known,
      finished: finish !== null,
    });
    const { models, golden } = contents;
    return saveCheckpoint(runDir, { state, golden, models, optimizer: { step, moments } });
  };

  const firstStep = (begun?.state.step ?? 0) + 1;
  const batches = task.startBatches((firstStep - 1) * parts);
  const progress = startTrainingProgress({ ...config, steps, done: firstStep - 1, output });
  const tensors = createTensorCount(progress.say);
  let lastStep = steps;
  try {
    for (let step = firstStep; step <= lastStep; step++) {
      const report = await takeStep({ optimizer, batches, parts });
      optimizer.apply(learningRateAt(step, { ...config, steps }));
      const isLogged = isDue(step, config.logEvery);
      const isEvaluated = isDue(step, config.evalEvery) || step === steps;
      const isSaved = isDue(step, config.saveEvery) || isEvaluated || signal.aborted;
      if (isLogged || isSaved) {
        const training = await report.read(); // waits for the device
        guard.check(step, training.loss);
        progress.trained(step, training);
        if (isLogged) await run.log({ step, ...training });
      }
      report.dispose();
      if (isDue(step, garbageEvery)) collectGarbage();
      if (isLogged) tensors.check(step, tf.memory());
      if (isEvaluated) {
        const validation = await task.validate();
        if (validation) {
          const { accuracy } = validation as { accuracy: number };
          await run.log({ step, split: 'validation', ...measured(validation) });
          progress.validated({ accuracy });
          if (config.choose === 'best' && accuracy > (chosen?.accuracy ?? -1)) chosen = { step, accuracy };
          if (chosen && config.earlyStop && step - chosen.step >= config.earlyStop * config.evalEvery) lastStep = step;
        }
      }
      if (isSaved && step < lastStep) {
        const checkpoint = await save(step);
        if (signal.aborted) return { checkpoint, step, finished: false, metrics: {} };
      }
      progress.update(step);
      await new Promise(setImmediate); // lets signals in
    }
  } finally {
    progress.end();
    await batches.close();
  }

  if (chosen && chosen.step < lastStep) {
    task.restore((await loadCheckpoint(checkpointFolder(runDir, chosen.step))).models);
  }
  const { classifiers, metrics } = await task.finish();
  const finish: Finish = { classifiers, metrics: measured(metrics) };
  await run.log({ step: lastStep, split: 'test', ...finish.metrics });
  await drawHistory(runDir, chosen);
  const checkpoint = await save(lastStep, finish);
  return { checkpoint, step: lastStep, finished: true, metrics: finish.metrics };
}

async function createTask(config: SteppedConfig, begun: Checkpoint | null, output: ProgressOutput): Promise<Task> {
  if (config.task === 'classify') return createClassifyTask(config, begun, output);
  return createCorrespondenceTask(config, begun, output);
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
