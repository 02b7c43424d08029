import type { BatchPairs } from '#core/datasets/pairs/matchRows.ts';
import { InputError } from '#core/errors.ts';
import { correspondenceMetrics } from '#core/metrics.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { Random } from '#core/random.ts';
import { pictureChanges, soundChanges } from '../augment/augment.ts';
import { noAugment } from '../augment/config.ts';
import { makeGolden, measureMoments } from '../golden.ts';
import { dropout } from '../model/dropout.ts';
import { correspondenceLoss } from '../model/matchHead.ts';
import { type Network, networkFrom, trainableVariables } from '../model/network.ts';
import { trainBranch } from '../model/trainBranch.ts';
import { partsOf } from '../run/config.ts';
import { stepsOf } from '../run/schedule.ts';
import type { Batch, Begun, Finish, Task } from '../task.ts';
import { tf } from '../tensorflow/load.ts';
import { alignmentLoss } from './alignmentLoss.ts';
import { calibrateMatch, fitCalibration } from './calibrate.ts';
import type { CorrespondenceConfig } from './config.ts';
import { digitPairs } from './digits.ts';
import type { PairBatch, SourceOptions } from './pairSource.ts';
import { preparedPairs } from './prepared.ts';
import { resumedNetwork, startingNetwork } from './start.ts';

const worseThanChance =
  'Warning: pairs of the validation split that match score lower than others, so the scores are left uncalibrated. ' +
  'The network has learnt nothing that holds there: train it longer, or see whether each sound stands beside its own picture in the data.';

/** What a step shows to both branches, or what they give for it where they learn nothing. Whoever calls owns them. */
interface Shown {
  sounds: tf.Tensor;
  pictures: tf.Tensor;
}

/**
 * Learning from pairs alone whether a sound and a picture belong together.
 *
 * @param begun to go on from; null: branches as `config.branches` says, the rest seeded random weights.
 * @param output where it is shown how far a head is that is fitted at the beginning; default nowhere.
 */
export async function createCorrespondenceTask(
  config: CorrespondenceConfig,
  begun: Begun | null,
  output: ProgressOutput = { write: () => {} },
): Promise<Task> {
  const { data, batchSize, batchReuse, matchesPerClip, seed, learns } = config;
  const { parts, rows } = partsOf(config);
  if (batchReuse > 1 && parts > 1) {
    throw new InputError(
      `Expected batches that are shown ${batchReuse} times to be taken whole, but rowsAtOnce=${rows} makes ${parts} parts of each. ` +
        'Leave either out: --set rowsAtOnce=null, or --set batchReuse=1.',
    );
  }
  const start = begun ? resumedNetwork(begun) : await startingNetwork(config, output);
  const { model } = start;
  const learnsBranches = learns === 'all';
  const options: SourceOptions = { model, rows, batchesPerStep: parts / batchReuse, matchesPerClip, seed };
  const source = await (data.kind === 'digits' ? digitPairs(data, options) : preparedPairs(data, options));
  let seen: PairBatch | null = null; // the last batch: whole until the next is asked for
  let network = start.network;
  const carried: Finish = learnsBranches ? { classifiers: [], metrics: {} } : start;
  const stepsPerEpoch = Math.ceil(source.sounds / batchSize) * batchReuse;
  const plainFrom = Math.round((parts * stepsOf(config, stepsPerEpoch) * (1 - config.plainEnd)) / batchReuse);
  const augmentSeed = new Random(seed, 32).uint32();

  const show = (batch: PairBatch, number: number): Shown => {
    const random = new Random(augmentSeed, number);
    const augment = number < plainFrom ? config : noAugment;
    const sound = soundChanges(augment, Math.log(model.spectrogram.logOffset), random);
    const picture = pictureChanges(augment, random);
    return tf.tidy(() => {
      const { spectrogram, pixels } = network.frontends;
      const waveforms = tf.tensor2d(batch.waveforms, [rows, model.spectrogram.samples]);
      const sounds = sound.after(sound.before(spectrogram(waveforms)));
      const pictures = picture.after(picture.before(pixels(batch.pictures)));
      if (learnsBranches) return { sounds, pictures };
      const embeddingOf = (branch: tf.LayersModel, x: tf.Tensor) => (branch.predict(x) as tf.Tensor[])[0] as tf.Tensor;
      return { sounds: embeddingOf(network.audio, sounds), pictures: embeddingOf(network.image, pictures) };
    });
  };

  const embed = (branch: tf.LayersModel, shown: tf.Tensor, drawn: { number: number; side: 0 | 1 }) => {
    const embedding = learnsBranches ? trainBranch(branch, shown as tf.Tensor4D, config) : shown;
    return dropout(embedding as tf.Tensor2D, { rate: config.dropout, seed, ...drawn });
  };

  const lossOf = (batch: PairBatch, { sounds, pictures }: Shown, number: number) => {
    const audio = embed(network.audio, sounds, { number, side: 0 });
    const image = embed(network.image, pictures, { number, side: 1 });
    const pairs = config.pairsOfBatch === 'all' ? allPairs(rows, batch) : batch.pairs;
    const { loss, accuracy } = correspondenceLoss(network.match, audio, image, pairs);
    const { weight, ...alignment } = config.alignment;
    if (weight === 0 || !learnsBranches) return { loss, accuracy };
    const belongTogether = config.pairsOfBatch === 'all' ? batch.belongTogether : (i: number, j: number) => i === j;
    const aligned = alignmentLoss(audio, image, { ...alignment, belongTogether, mayMismatch: batch.mayMismatch });
    return { loss: tf.add<tf.Scalar>(loss, tf.mul(aligned, weight)), accuracy };
  };

  return {
    dataset: source.dataset,
    variables: trainableVariables(learningParts(network, learns)),
    stepsPerEpoch,
    carried,
    startBatches(firstBatch) {
      const batches = source.startBatches(Math.floor(firstBatch / batchReuse));
      let number = firstBatch;
      let held: { batch: PairBatch; shown: Shown } | null = null;
      const release = () => held && tf.dispose([held.shown.sounds, held.shown.pictures]);
      return {
        async next(): Promise<Batch> {
          const ownNumber = number++;
          if (!held || ownNumber % batchReuse === 0) {
            const batch = await batches.next();
            seen = batch;
            release();
            held = { batch, shown: show(batch, Math.floor(ownNumber / batchReuse)) };
          }
          const { batch, shown } = held;
          return { loss: () => lossOf(batch, shown, ownNumber), dispose() {} };
        },
        close() {
          release();
          return batches.close();
        },
      };
    },
    async validate() {
      const judged = await source.judge(network, 'validation');
      return judged.length > 0 ? correspondenceMetrics(judged) : null;
    },
    restore(saved) {
      network = networkFrom(model, saved);
    },
    async finish() {
      if (config.calibrate) {
        const judged = await source.judge(network, 'validation');
        const calibration = judged.length > 0 && fitCalibration(judged);
        if (calibration) calibrateMatch(network.match, calibration);
        if (calibration === null) output.write(`${worseThanChance}\n`);
      }
      const finish = await source.finish(network);
      return {
        classifiers: [...carried.classifiers, ...finish.classifiers],
        metrics: { ...finish.metrics, ...carried.metrics },
      };
    },
    contents: (fitted) => ({
      parts: ['audio', 'image', 'match'],
      config: model,
      models: {
        audio: network.audio,
        image: network.image,
        match: network.match,
        ...Object.fromEntries(fitted.map(({ name, model }) => [`classify-${name}`, model])),
      },
      golden: makeGolden(network, fitted, seen ? measureMoments(network, seen) : {}),
    }),
  };
}

function learningParts({ audio, image, match }: Network, learns: CorrespondenceConfig['learns']) {
  if (learns === 'all') return [audio, image, match];
  return learns === 'head' ? [match] : [match.getLayer('probabilities')];
}

/** Every sound with every picture, but for those that neither belong together nor may be shown as not doing so. */
function allPairs(rows: number, { belongTogether, mayMismatch }: PairBatch): BatchPairs {
  const pairs = Array.from({ length: rows ** 2 }, (_, i) => [Math.floor(i / rows), i % rows] as const).filter(
    ([sound, picture]) => belongTogether(sound, picture) || mayMismatch(sound, picture),
  );
  return {
    audioRows: Int32Array.from(pairs, ([sound]) => sound),
    imageRows: Int32Array.from(pairs, ([, picture]) => picture),
    corresponds: Int32Array.from(pairs, (pair) => Number(belongTogether(...pair))),
  };
}
