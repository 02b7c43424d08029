import type { ModelConfig } from '#core/config.ts';
import { InputError } from '#core/errors.ts';
import type { ProgressOutput } from '#core/progress.ts';
import { setProjections } from '../model/matchHead.ts';
import { createNetwork, type Network, networkFrom } from '../model/network.ts';
import { modelConfigOf } from '../model/options.ts';
import { setTopics, topicsOf } from '../model/topics.ts';
import { openCheckpoint } from '../run/openCheckpoint.ts';
import type { Begun, Classifier, Metrics, Models } from '../task.ts';
import type { tf } from '../tensorflow/load.ts';
import { correlationsOf } from './canonical/fit.ts';
import type { CorrespondenceConfig } from './config.ts';

/** What a run begins with. */
export interface Start {
  model: ModelConfig;
  network: Network;
  /** Of the runs whose branches were taken: they stay right as long as the branches stay as they are. */
  classifiers: Classifier[];
  /** What those runs measured of them, each under its classifier’s name: `photo-accuracy`. */
  metrics: Metrics;
}

/** Seeded random weights, but for the branches that other runs have learnt, and what of the head follows from them. */
export async function startingNetwork(config: CorrespondenceConfig, output: ProgressOutput): Promise<Start> {
  const { network, seed, branches: taken } = config;
  checkTaken(config);
  const [audio, image] = await Promise.all([branchOf(taken.audio, 'audio'), branchOf(taken.image, 'image')]);
  const own = modelConfigOf(network);
  const classifiers = [...(audio?.classifiers ?? []), ...(image?.classifiers ?? [])];
  checkNames(classifiers);
  const topics = own.matchHead === 'topics' ? topicsOf(classifiers) : null;
  const model: ModelConfig = {
    ...own,
    ...(topics && { headUnits: topics.labels.length }),
    ...(audio && { spectrogram: audio.config.spectrogram, audioBranch: audio.config.audioBranch }),
    ...(image && { image: image.config.image, imageBranch: image.config.imageBranch }),
  };
  const { audio: newAudio, image: newImage, match } = createNetwork(model, seed);
  const begun = networkFrom(model, { audio: audio?.branch ?? newAudio, image: image?.branch ?? newImage, match });
  if (topics) setTopics(match, topics);
  if (own.matchHead === 'canonical' && audio && image)
    setProjections(match, await correlationsOf(begun, config, output));
  return {
    model,
    network: begun,
    classifiers,
    metrics: { ...audio?.metrics, ...image?.metrics },
  };
}

/** What is frozen, or compared in closed form, must have been learnt before. */
function checkTaken({ branches, learns, canonical, network }: CorrespondenceConfig): void {
  const missing = (['audio', 'image'] as const).filter((sense) => branches[sense] === null);
  const given = missing.map((sense) => `--set branches.${sense}=RUN`).join(' ');
  if (learns !== 'all' && missing.length > 0) {
    throw new InputError(
      `Expected runs whose branches stay as they are with learns=${learns} but none is named for ${missing.join(' and ')}: ${given}`,
    );
  }
  if (canonical.also === null) return;
  if (network.matchHead !== 'canonical') {
    throw new InputError(
      `Expected matchHead=canonical beside canonical.also=${canonical.also} but received ${network.matchHead}, which would not read it.`,
    );
  }
  if (missing.length > 0) {
    throw new InputError(
      `Expected both branches from runs beside canonical.also=${canonical.also}, by which what they give is compared: ${given}`,
    );
  }
}

function checkNames(classifiers: Classifier[]): void {
  const names = classifiers.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return;
  throw new InputError(
    `Both runs in \`branches\` have a classifier "${twice}". Train one of them under another name: --set name=photos`,
  );
}

/** As the checkpoint has it. */
export function resumedNetwork({ state, models }: Begun): Start {
  const model = state.config.model;
  return {
    model,
    network: networkFrom(model, models),
    classifiers: state.classifiers.map((classifier) => withModel(classifier, models)),
    metrics: state.metrics,
  };
}

function withModel(classifier: Omit<Classifier, 'model'>, models: Models): Classifier {
  return { ...classifier, model: models[`classify-${classifier.name}`] as tf.LayersModel };
}

interface GivenBranch {
  config: ModelConfig;
  branch: tf.LayersModel;
  classifiers: Classifier[];
  metrics: Metrics;
}

const carried = ['accuracy', 'macroRecall', 'calibrationError'];

async function branchOf(path: string | null, sense: 'audio' | 'image'): Promise<GivenBranch | null> {
  if (path === null) return null;
  const { state, models } = await openCheckpoint(path);
  const branch = models[sense];
  if (!branch) {
    const names = Object.keys(models).join(', ');
    throw new InputError(`Expected a branch for ${sense} in ${path} but it has only ${names}.`);
  }
  const classifiers = state.classifiers
    .filter(({ input }) => input.startsWith(sense))
    .map((classifier) => withModel(classifier, models));
  // A run that classifies has one classifier, and its metrics are of it. Its intervals may have been counted otherwise than this run's.
  const metrics = classifiers.flatMap(({ name }) =>
    carried.flatMap((metric) => {
      const value = state.metrics[metric];
      return value === undefined ? [] : [[`${name}-${metric}`, value] as const];
    }),
  );
  return {
    config: state.config.model,
    branch,
    classifiers,
    metrics: classifiers.length === 1 ? Object.fromEntries(metrics) : {},
  };
}
