import type { CheckpointState } from '#core/checkpoint.ts';
import { InputError } from '#core/errors.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { checkRate } from '../../data/checkRate.ts';
import { type HeadMoments, makeGolden, momentsOf } from '../../golden.ts';
import { openCheckpoint } from '../../run/openCheckpoint.ts';
import type { CheckpointContents, Classifier, Finish, Models } from '../../task.ts';
import type { tf } from '../../tensorflow/load.ts';
import { calibrateClassifier, sharpen } from '../calibrate.ts';
import type { SvmConfig } from '../config.ts';
import { encodeExamples } from '../encodeExamples.ts';
import { type Encoder, encoderFrom, randomEncoder } from '../encoder.ts';
import { type Example, openLabelledDataset, type Sense } from '../examples.ts';
import { categoriesOf, classifyExamples, judgeExamples, type WindowRows } from '../judge.ts';
import { sharpness } from '../temperature.ts';
import { heldOutScores } from './heldOutScores.ts';
import { svmClassifiers } from './svmClassifier.ts';

export interface FitOptions {
  output: ProgressOutput;
  /** When it fires, the fit is given up. */
  signal: AbortSignal;
}

/** A classifier on a branch that stays as it was. */
export interface SvmProbe {
  dataset: CheckpointState['dataset'];
  /** Of every C, the accuracy on the validation split; empty where there is none. */
  trials: { cost: number; accuracy: number }[];
  /** All classifiers of the network, the new one last. */
  finish: Finish;
  contents: CheckpointContents;
}

/**
 * The probe of *Look, Listen and Learn* (§4): features of the frozen branch, z-score, one linear SVM a class against all others, scores
 * averaged over a sound's overlapping windows. It is saved as one dense layer with softmax, so sharp as makes the best probabilities of
 * the validation split, or, where there is none, of training examples held out in turn;
 * the mean over windows of its log-probabilities ranks the classes as the mean scores do.
 *
 * @throws {InputError} for several costs where no validation split chooses between them; for a checkpoint without the branch; for the
 *   dataset, as `openLabelledDataset`; and where it is stopped.
 */
export async function fitSvmProbe(config: SvmConfig, { output, signal }: FitOptions): Promise<SvmProbe> {
  const { data } = config;
  const dataset = await openLabelledDataset({ ...data, sense: config.branch });
  const { sense, labels, shards, classifierName: name } = dataset;
  const isChosen = dataset.validation.length > 0;
  checkCosts(config.costs, isChosen);
  const network = await startingNetwork(config, sense);
  const { encoder } = network;
  if (sense === 'audio') checkRate(dataset.info, { ...encoder.config.spectrogram, folder: data.folder });

  const encode = async (split: 'train' | 'validation' | 'test'): Promise<Encoded> => {
    const examples = dataset[split];
    const progress = startProgress({ label: `${split} example`, total: examples.length, output });
    const onEncoded = (count: number) => {
      checkGoesOn(signal);
      progress.update(count);
    };
    const { features, owners } = await encodeExamples(encoder, examples, { ...data, shards, onEncoded });
    progress.end();
    return { examples, windows: { rows: features, owners } };
  };
  const train = await encode('train');
  const validation = isChosen ? await encode('validation') : null;

  const input = `${sense}_features` as const;
  const categories = train.windows.owners.map((owner) => (train.examples[owner] as Example).category);
  const trials: SvmProbe['trials'] = [];
  let best: { accuracy: number; cost: number; model: tf.LayersModel } | null = null;
  for (const { cost, model } of svmClassifiers(train.windows.rows, {
    input,
    categories,
    classes: labels.length,
    costs: config.costs.toSorted((a, b) => a - b), // of equals, the one with the smallest weights is taken
  })) {
    checkGoesOn(signal);
    const { accuracy } = validation ? judgeExamples(model, validation.examples, validation.windows) : { accuracy: 0 };
    if (validation) trials.push({ cost, accuracy });
    if (best && accuracy <= best.accuracy) model.dispose();
    else best = { accuracy, cost, model };
  }
  const { model, cost } = best as NonNullable<typeof best>;
  if (validation) {
    calibrateClassifier(model, classifyExamples(model, validation.windows), categoriesOf(validation.examples));
  } else {
    const heldOut = heldOutScores(train.windows, {
      input,
      classes: labels.length,
      cost,
      categories: categoriesOf(train.examples),
      sources: train.examples.map(({ line }) => line.clip.source),
    });
    if (heldOut) sharpen(model, sharpness(heldOut));
  }

  const test = await encode('test');
  const own: Classifier = { name, input, labels, model };
  const classifiers = [...network.classifiers.filter((other) => other.name !== name), own];
  return {
    dataset: dataset.record,
    trials,
    finish: { classifiers, metrics: judgeExamples(model, test.examples, test.windows) },
    contents: {
      parts: network.parts,
      config: encoder.config,
      models: { ...network.models, [`classify-${name}`]: model },
      golden: makeGolden({ ...network.models, ...encoder }, classifiers, {
        ...network.moments,
        [input]: momentsOf(train.windows.rows),
      }),
    },
  };
}

function checkGoesOn(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new InputError(
    'Stopped. Of a probe nothing is saved before its end: the same command with --resume begins it anew.',
  );
}

interface Encoded {
  examples: Example[];
  windows: WindowRows;
}

/** All that the checkpoint has, which stays. */
interface StartingNetwork {
  encoder: Encoder;
  parts: CheckpointContents['parts'];
  models: Models;
  classifiers: Classifier[];
  /** Of what its heads read. */
  moments: HeadMoments;
}

async function startingNetwork(config: SvmConfig, sense: Sense): Promise<StartingNetwork> {
  if (config.from === 'random') {
    const encoder = randomEncoder(sense, config);
    return { encoder, parts: [sense], models: { [sense]: encoder.branch }, classifiers: [], moments: {} };
  }
  const { state, models, golden } = await openCheckpoint(config.from);
  return {
    encoder: encoderFrom(models, { sense, config: state.config.model }),
    parts: state.parts,
    moments: golden.moments ?? {}, // a checkpoint of an older version has none
    models,
    classifiers: state.classifiers.map((classifier) => ({
      ...classifier,
      model: models[`classify-${classifier.name}`] as tf.LayersModel,
    })),
  };
}

function checkCosts(costs: number[], isChosen: boolean): void {
  if (isChosen || costs.length === 1) return;
  throw new InputError(
    `Expected a validation split to choose one of the costs ${costs.join(', ')} by. Hold out a fold: --set validationFold=2; or name ` +
      'one cost: --set costs=[0.001].',
  );
}
