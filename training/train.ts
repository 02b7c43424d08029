import { digitsInfo } from '#core/datasets/digits.ts';
import { InputError } from '#core/errors.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import type { RandomState } from '#core/random.ts';
import { Adam } from './adam.ts';
import { type Checkpoint, checkpointFolder, saveCheckpoint } from './checkpoint.ts';
import type { TrainConfig } from './config.ts';
import { createDigitBatches, type PairBatch } from './data/digitBatches.ts';
import { loadDigits } from './data/digits.ts';
import { evaluate } from './evaluate.ts';
import { fitProbes, testMetrics } from './finish.ts';
import { makeGolden } from './golden.ts';
import { alignmentLoss, correspondenceLoss } from './model/heads.ts';
import { createNetwork, type Network, networkFrom, trainableVariables } from './model/network.ts';
import { trainBranch } from './model/trainBranch.ts';
import type { Probe } from './probe.ts';
import { openRunFolder } from './runFolder.ts';
import { isDue, learningRateAt } from './schedule.ts';
import { tf } from './tensorflow/load.ts';

export interface TrainOptions {
  config: TrainConfig;
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
  metrics: Record<string, number>;
}

/** What is known only once a run has finished. */
interface Outcome {
  finished: boolean;
  probes: Probe[];
  metrics: Record<string, number>;
}

const unfinished: Outcome = { finished: false, probes: [], metrics: {} };

/** Trains the network from seeded random weights, or on from the run's newest checkpoint, and judges it on the test split at the end. */
export async function train({ config, runDir, resume, commit, output, signal }: TrainOptions): Promise<TrainResult> {
  const run = await openRunFolder(runDir, { config, resume });
  const begun = run.checkpoint;
  if (begun?.state.finished) return resultOf(begun, runDir);

  const data = await loadDigits(config.holdOutSpeaker);
  const network = begun ? networkFrom(config.model, begun.models) : createNetwork(config.model, config.seed);
  const optimizer = new Adam(trainableVariables(network));
  if (begun) optimizer.restore(begun.optimizer);
  const batches = createDigitBatches(data.train, {
    batchSize: config.batchSize,
    matchesPerClip: config.matchesPerClip,
    samples: config.model.spectrogram.samples,
    image: config.model.image,
    voice: config.voice,
    digit: config.digit,
    random: (begun?.state.random.batches as RandomState | undefined) ?? config.seed,
  });

  const save = (step: number, { finished, probes, metrics }: Outcome) => {
    const checkpoint: Checkpoint = {
      state: {
        schema: 'clapper-checkpoint/1',
        step,
        finished,
        preset: config.preset,
        seed: config.seed,
        commit,
        dataset: digitsInfo,
        config,
        random: { batches: batches.randomState },
        classifiers: probes.map(({ name, input, labels }) => ({ name, input, labels })),
        metrics,
      },
      golden: makeGolden(network, probes),
      optimizer: optimizer.state(),
      models: {
        audio: network.audio,
        image: network.image,
        match: network.match,
        ...Object.fromEntries(probes.map(({ name, model }) => [`classify-${name}`, model])),
      },
    };
    return saveCheckpoint(runDir, checkpoint);
  };

  const firstStep = (begun?.state.step ?? 0) + 1;
  const progress = startProgress({ label: 'step', total: config.steps, done: firstStep - 1, output });
  let note = '';
  for (let step = firstStep; step <= config.steps; step++) {
    const batch = batches.next();
    const loss = optimizer.minimize(() => batchLoss(network, batch, config), learningRateAt(step, config));
    tf.dispose([batch.waveforms, batch.images]);
    if (isDue(step, config.logEvery)) {
      const value = (await loss.data())[0] as number; // waits for the device
      if (!Number.isFinite(value)) throw diverged(step);
      await run.log({ step, loss: value });
    }
    loss.dispose();
    if (isDue(step, config.evalEvery)) {
      const validation = evaluate(network, data.validation);
      await run.log({ step, split: 'validation', ...validation });
      note = `validation accuracy ${validation.accuracy.toFixed(3)}`;
    }
    progress.update(step, note);
    if (step < config.steps && (signal.aborted || isDue(step, config.saveEvery))) {
      const checkpoint = await save(step, unfinished);
      if (signal.aborted) {
        progress.end();
        return { checkpoint, step, finished: false, metrics: {} };
      }
    }
    await new Promise(setImmediate); // lets signals in
  }
  progress.end();

  const probes = fitProbes(network, data.train, config);
  const metrics = testMetrics(network, probes, data);
  await run.log({ step: config.steps, split: 'test', ...metrics });
  const checkpoint = await save(config.steps, { finished: true, probes, metrics });
  return { checkpoint, step: config.steps, finished: true, metrics };
}

function batchLoss(
  network: Network,
  { waveforms, images, categories, pairs }: PairBatch,
  config: TrainConfig,
): tf.Scalar {
  const audio = trainBranch(network.audio, network.frontends.spectrogram(waveforms), config);
  const image = trainBranch(network.image, network.frontends.pixels(images), config);
  const correspondence = correspondenceLoss(network.match, audio, image, pairs);
  const { weight, scale } = config.alignment;
  if (weight === 0) return correspondence;
  return tf.add(correspondence, tf.mul(alignmentLoss(audio, image, categories, scale), weight));
}

function resultOf({ state: { step, finished, metrics } }: Checkpoint, runDir: string): TrainResult {
  return { checkpoint: checkpointFolder(runDir, step), step, finished, metrics };
}

function diverged(step: number): InputError {
  return new InputError(
    `The loss at step ${step} is not a number. Try a lower rate, for example --set learningRate=1e-3.`,
  );
}
