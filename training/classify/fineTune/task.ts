import { Random } from '#core/random.ts';
import { noAugment } from '../../augment/config.ts';
import { checkRate } from '../../data/checkRate.ts';
import { startBatchLoader } from '../../data/loader/batchLoader.ts';
import { makeGolden, measureMoments, type TrainingRows } from '../../golden.ts';
import { dropout } from '../../model/dropout.ts';
import { createClassifier } from '../../model/heads.ts';
import { trainableVariables } from '../../model/network.ts';
import { trainBranch } from '../../model/trainBranch.ts';
import { partsOf } from '../../run/config.ts';
import { openCheckpoint } from '../../run/openCheckpoint.ts';
import { stepsOf } from '../../run/schedule.ts';
import type { Begun, Metrics, Models, Task } from '../../task.ts';
import { tf } from '../../tensorflow/load.ts';
import { calibrateClassifier } from '../calibrate.ts';
import type { ClassifyConfig } from '../config.ts';
import { encodeExamples } from '../encodeExamples.ts';
import { type Encoder, encoderFrom, loadedInput, randomEncoder } from '../encoder.ts';
import { createExampleSampler } from '../exampleSampler.ts';
import { type Example, openLabelledDataset } from '../examples.ts';
import { categoriesOf, classifyExamples, judgeExamples, type WindowRows } from '../judge.ts';
import { classifierLoss, logitOffsets } from './loss.ts';
import { prepareRows } from './prepareRows.ts';

/**
 * Learning the categories of a dataset's sounds, or of its pictures: a branch and a classifier on its embedding, all of it trained.
 *
 * @param begun to go on from; null: the branch of `config.from`, and a new classifier.
 */
export async function createClassifyTask(config: ClassifyConfig, begun: Begun | null): Promise<Task> {
  const { data, batchSize, seed } = config;
  const { parts, rows } = partsOf(config);
  const dataset = await openLabelledDataset({ ...data, sense: config.branch });
  const { sense, labels, shards, classifierName } = dataset;
  const name = config.name ?? classifierName;
  let encoder = begun
    ? encoderFrom(begun.models, { sense, config: begun.state.config.model })
    : await startingEncoder(config, sense);
  if (sense === 'audio') checkRate(dataset.info, { ...encoder.config.spectrogram, folder: data.folder });
  const input = `${sense}_embedding` as const;
  const [[, inputSize]] = encoder.branch.outputShape as [[null, number], [null, number]]; // embedding and features
  const shape = { input, inputSize, classes: labels.length, hidden: config.hidden };
  let classifier = createClassifier(shape, new Random(seed, 13));
  let shown: TrainingRows | null = null; // the last batch: whole until the next is asked for
  const restore = (saved: Models) => {
    encoder = { ...encoder, branch: saved[sense] as tf.LayersModel };
    classifier = saved[`classify-${name}`] as tf.LayersModel;
  };
  if (begun) restore(begun.models);

  const encode = async (examples: Example[]): Promise<WindowRows> => {
    const { embeddings, owners } = await encodeExamples(encoder, examples, { ...data, shards });
    return { rows: embeddings, owners };
  };
  const judge = async (examples: Example[]): Promise<Metrics> =>
    judgeExamples(classifier, examples, await encode(examples));
  const startLoader = (firstStep: number) => {
    const { circularShift, workers, ahead, augmentation } = data;
    const sampler = createExampleSampler(dataset.train, {
      ...encoder.config.spectrogram,
      sense,
      rows,
      circularShift,
      seed,
    });
    const lines = dataset.train.map(({ line }) => line);
    const loading = { batchSize: rows, workers, ahead, firstStep, augmentation, seed };
    return startBatchLoader({ shards, lines }, sampler, { ...loadedInput(encoder), ...loading });
  };

  const stepsPerEpoch = Math.ceil(dataset.train.length / batchSize);
  const offsets = logitOffsets(categoriesOf(dataset.train), labels.length, config.logitAdjustment);
  const plainFrom = Math.round(parts * stepsOf(config, stepsPerEpoch) * (1 - config.plainEnd));

  return {
    dataset: dataset.record,
    variables: trainableVariables([encoder.branch, classifier]),
    stepsPerEpoch,
    startBatches(firstBatch) {
      const loader = startLoader(firstBatch);
      return {
        async next() {
          const { step, waveforms, pictures, drawn } = await loader.next();
          shown = { waveforms, pictures };
          const loaded = { number: step, waveforms, pictures, categories: drawn.categories };
          const changes = step < plainFrom ? config : { ...noAugment, mixup: 0 };
          const { x, targets } = prepareRows(encoder, loaded, { ...config, ...changes, classes: labels.length });
          return {
            loss: () => {
              const embedding = trainBranch(encoder.branch, x, config);
              const kept = dropout(embedding, { rate: config.dropout, seed, number: step });
              return classifierLoss(classifier, kept, targets, offsets);
            },
            dispose: () => tf.dispose([x, targets]),
          };
        },
        close: () => loader.close(),
      };
    },
    validate: async () => (dataset.validation.length > 0 ? judge(dataset.validation) : null),
    restore,
    async finish() {
      if (config.calibrate && dataset.validation.length > 0) {
        const probabilities = classifyExamples(classifier, await encode(dataset.validation));
        calibrateClassifier(classifier, probabilities, categoriesOf(dataset.validation));
      }
      return { classifiers: [{ name, input, labels, model: classifier }], metrics: await judge(dataset.test) };
    },
    contents(classifiers) {
      const network = { ...encoder, [sense]: encoder.branch };
      return {
        parts: [sense],
        config: encoder.config,
        models: { [sense]: encoder.branch, [`classify-${name}`]: classifier },
        golden: makeGolden(network, classifiers, shown ? measureMoments(network, shown) : {}),
      };
    },
  };
}

async function startingEncoder(config: ClassifyConfig, sense: Encoder['sense']): Promise<Encoder> {
  if (config.from === 'random') return randomEncoder(sense, config);
  const { state, models } = await openCheckpoint(config.from);
  return encoderFrom(models, { sense, config: state.config.model });
}
