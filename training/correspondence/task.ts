import { correspondenceMetrics } from '#core/metrics.ts';
import { makeGolden } from '../golden.ts';
import { alignmentLoss, correspondenceLoss } from '../model/heads.ts';
import { createNetwork, networkFrom, trainableVariables } from '../model/network.ts';
import { modelConfigOf } from '../model/options.ts';
import { trainBranch } from '../model/trainBranch.ts';
import { partsOf } from '../run/config.ts';
import type { Batch, Models, Task } from '../task.ts';
import { tf } from '../tensorflow/load.ts';
import type { CorrespondenceConfig } from './config.ts';
import { digitPairs } from './digits.ts';
import type { PairBatch, SourceOptions } from './pairSource.ts';
import { preparedPairs } from './prepared.ts';

/**
 * Learning from pairs alone whether a sound and a picture belong together.
 *
 * @param models of a checkpoint to go on from; null: seeded random weights.
 */
export async function createCorrespondenceTask(config: CorrespondenceConfig, models: Models | null): Promise<Task> {
  const { data, batchSize, matchesPerClip, seed } = config;
  const { rows } = partsOf(config);
  const model = modelConfigOf(config.network);
  const options: SourceOptions = { model, rows, matchesPerClip, seed };
  const source = await (data.kind === 'digits' ? digitPairs(data, options) : preparedPairs(data, options));
  let network = models ? networkFrom(model, models) : createNetwork(model, seed);

  const lossOf = (batch: PairBatch, waveforms: tf.Tensor2D, number: number) => {
    const dropped = (embedding: tf.Tensor2D, side: 0 | 1) =>
      config.dropout === 0
        ? embedding
        : (tf.dropout(embedding, config.dropout, undefined, 2 * number + side) as tf.Tensor2D);
    const { spectrogram, pixels } = network.frontends;
    const audio = dropped(trainBranch(network.audio, spectrogram(waveforms), config), 0);
    const image = dropped(trainBranch(network.image, pixels(batch.pictures), config), 1);
    const { loss, accuracy } = correspondenceLoss(network.match, audio, image, batch.pairs);
    const { weight, scale } = config.alignment;
    if (weight === 0) return { loss, accuracy };
    const aligned = alignmentLoss(audio, image, { mayMismatch: batch.mayMismatch, scale });
    return { loss: tf.add<tf.Scalar>(loss, tf.mul(aligned, weight)), accuracy };
  };

  return {
    dataset: source.dataset,
    variables: trainableVariables(network),
    stepsPerEpoch: Math.ceil(source.sounds / batchSize),
    startBatches(firstBatch) {
      const batches = source.startBatches(firstBatch);
      let number = firstBatch;
      return {
        async next(): Promise<Batch> {
          const batch = await batches.next();
          const waveforms = tf.tensor2d(batch.waveforms, [rows, model.spectrogram.samples]);
          const ownNumber = number++;
          return { loss: () => lossOf(batch, waveforms, ownNumber), dispose: () => waveforms.dispose() };
        },
        close: () => batches.close(),
      };
    },
    async validate() {
      const judged = await source.judge(network, 'validation');
      return judged.length > 0 ? correspondenceMetrics(judged) : null;
    },
    restore(saved) {
      network = networkFrom(model, saved);
    },
    finish: () => source.finish(network),
    contents: (classifiers) => ({
      parts: ['audio', 'image', 'match'],
      config: model,
      models: {
        audio: network.audio,
        image: network.image,
        match: network.match,
        ...Object.fromEntries(classifiers.map(({ name, model }) => [`classify-${name}`, model])),
      },
      golden: makeGolden(network, classifiers),
    }),
  };
}
