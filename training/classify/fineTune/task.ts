import type { ModelConfig } from '#core/config.ts';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
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
import { openTeacher, shownBy, tellingLoss } from '../distil.ts';
import { encodeExamples } from '../encodeExamples.ts';
import { type Encoder, encoderFrom, enlarged, loadedInput, randomEncoder } from '../encoder.ts';
import { createExampleSampler } from '../exampleSampler.ts';
import { type Example, openLabelledDataset, type Sense } from '../examples.ts';
import { categoriesOf, classifyExamples, judgeExamples, type WindowRows } from '../judge.ts';
import { classifierLoss, logitOffsets } from './loss.ts';
import { prepareRows } from './prepareRows.ts';

/**
 * Learning the categories of a dataset's sounds, or of its pictures: a branch and a classifier on its embedding, all of it trained.
 *
 * @param begun to go on from; null: the branch of `config.from`, and a new classifier.
 */
export async function createClassifyTask(
  config: ClassifyConfig,
  begun: Begun | null,
  output: ProgressOutput,
): Promise<Task> {
  const { data, batchSize, seed, distil } = config;
  const { parts, rows } = partsOf(config);
  const dataset = await openLabelledDataset({ ...data, sense: config.branch });
  const { sense, labels, classifierName } = dataset;
  const { examples, shards, record } = await shownBy(dataset, distil);
  const name = config.name ?? classifierName;
  const start = begun
    ? startFrom(begun.models, { sense, config: begun.state.config.model })
    : await startOf(config, sense);
  let { encoder } = start;
  if (sense === 'audio') checkRate(dataset.info, { ...encoder.config.spectrogram, folder: data.folder });
  const input = `${sense}_embedding` as const;
  const [[, inputSize]] = encoder.branch.outputShape as [[null, number], [null, number]]; // embedding and features
  const shape = { input, inputSize, classes: labels.length, hidden: config.hidden };
  let classifier = createClassifier(shape, new Random(seed, 13));
  const teacher = distil.teacher ? await openTeacher(encoder, { ...data, shards, config, examples, output }) : null;
  if (teacher && start.telling) teacher.telling = start.telling;
  let shown: TrainingRows | null = null; // the last batch: whole until the next is asked for
  const restore = (saved: Models) => {
    encoder = { ...encoder, branch: saved[sense] as tf.LayersModel };
    classifier = saved[`classify-${name}`] as tf.LayersModel;
    if (teacher) teacher.telling = saved.distil as tf.LayersModel;
  };
  if (begun) restore(begun.models);

  const forBranch = ({ waveforms, pictures }: TrainingRows): TrainingRows => ({
    waveforms,
    pictures: teacher?.bytesForBranch(pictures) ?? pictures,
  });
  const encode = async (examples: Example[]): Promise<WindowRows> => {
    const { embeddings, owners } = await encodeExamples(encoder, examples, { ...data, shards });
    return { rows: embeddings, owners };
  };
  const judge = async (examples: Example[], windows?: WindowRows): Promise<Metrics> =>
    judgeExamples(classifier, examples, windows ?? (await encode(examples)));
  const validate = async (): Promise<Metrics> => {
    const windows = await encode(dataset.validation);
    const metrics = await judge(dataset.validation, windows);
    return teacher ? { ...metrics, untold: await teacher.untold(dataset.validation, windows.rows) } : metrics;
  };
  const startLoader = (firstStep: number) => {
    const { circularShift, workers, ahead, augmentation } = data;
    const sampler = createExampleSampler(examples, {
      ...encoder.config.spectrogram,
      sense,
      rows,
      circularShift,
      seed,
    });
    const lines = examples.map(({ line }) => line);
    const loading = { batchSize: rows, workers, ahead, firstStep, augmentation, seed };
    const { samples, image } = loadedInput(encoder);
    return startBatchLoader({ shards, lines }, sampler, { ...loading, samples, image: teacher?.image ?? image });
  };

  const stepsPerEpoch = Math.ceil(examples.length / batchSize);
  const offsets = logitOffsets(categoriesOf(dataset.train), labels.length, config.logitAdjustment);
  const plainFrom = Math.round(parts * stepsOf(config, stepsPerEpoch) * (1 - config.plainEnd));

  return {
    dataset: record,
    variables: trainableVariables([encoder.branch, classifier, ...(teacher ? [teacher.telling] : [])]),
    stepsPerEpoch,
    startBatches(firstBatch) {
      const loader = startLoader(firstBatch);
      return {
        async next() {
          const { step, waveforms, pictures, drawn } = await loader.next();
          shown = { waveforms, pictures };
          const loaded = { number: step, waveforms, pictures, categories: drawn.categories };
          const changes = step < plainFrom ? config : { ...noAugment, mixup: 0 };
          const loadedFor = { ...encoder, frontends: teacher?.frontends ?? encoder.frontends };
          const { x, targets } = prepareRows(loadedFor, loaded, { ...config, ...changes, classes: labels.length });
          const seen = teacher?.forBranch(x) ?? x;
          const numbers = teacher?.numbersOf(x) ?? null;
          return {
            loss: () => {
              const embedding = trainBranch(encoder.branch, seen, config);
              const kept = dropout(embedding, { rate: config.dropout, seed, number: step });
              const { loss, accuracy } = classifierLoss(classifier, kept, targets, offsets);
              if (!teacher || !numbers) return { loss, accuracy };
              const told = tellingLoss(teacher.telling, embedding, numbers);
              return { loss: tf.add<tf.Scalar>(loss, tf.mul(told, distil.weight)), accuracy };
            },
            dispose: () => tf.dispose([x, seen, targets, ...(numbers ? [numbers] : [])]),
          };
        },
        close: () => loader.close(),
      };
    },
    validate: async () => (dataset.validation.length > 0 ? validate() : null),
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
        models: {
          ...{ [sense]: encoder.branch, [`classify-${name}`]: classifier },
          ...(teacher && { distil: teacher.telling }),
        },
        golden: makeGolden(network, classifiers, shown ? measureMoments(network, forBranch(shown)) : {}),
      };
    },
  };
}

interface Start {
  encoder: Encoder;
  /** Which the encoder's run had; null: it had no teacher. */
  telling: tf.LayersModel | null;
}

async function startOf(config: ClassifyConfig, sense: Sense): Promise<Start> {
  if (config.from === 'random' && config.enlarge !== 1) {
    throw new InputError(
      'Expected a run whose branch is to see larger pictures with enlarge, but from=random. Say instead: --set pictureSize=N --set pictureShortSide=M',
    );
  }
  if (config.from === 'random') return { encoder: randomEncoder(sense, config), telling: null };
  const { state, models } = await openCheckpoint(config.from);
  const start = startFrom(models, { sense, config: state.config.model });
  return config.enlarge === 1 ? start : { ...start, encoder: enlarged(start.encoder, config.enlarge) };
}

function startFrom(models: Models, of: { sense: Sense; config: ModelConfig }): Start {
  return { encoder: encoderFrom(models, of), telling: models.distil ?? null };
}
