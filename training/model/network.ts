import type { ModelConfig } from '#core/config.ts';
import { InputError } from '#core/errors.ts';
import { Random } from '#core/random.ts';
import { spectrogramShape } from '#core/spectrogram.ts';
import type { tf } from '../tensorflow/load.ts';
import { createBranch } from './branch.ts';
import { createFrontends, type Frontends } from './frontends.ts';
import { createMatchHead } from './matchHead.ts';

/** The L3 network: two branches and the head that matches them, each a layers model with the weights that learn. */
export interface Network {
  config: ModelConfig;
  frontends: Frontends;
  audio: tf.LayersModel;
  image: tf.LayersModel;
  match: tf.LayersModel;
}

export function createNetwork(config: ModelConfig, seed: number): Network {
  const embeddingSize = (channels: number[]) => channels.at(-1) as number;
  return {
    config,
    frontends: createFrontends(config.spectrogram, config.image),
    audio: createAudioBranch(config, seed),
    image: createImageBranch(config, seed),
    match: createMatchHead(
      {
        kind: config.matchHead,
        audioEmbedding: embeddingSize(config.audioBranch.channels),
        imageEmbedding: embeddingSize(config.imageBranch.channels),
        units: config.headUnits,
      },
      new Random(seed, 12),
    ),
  };
}

export function createAudioBranch({ spectrogram, audioBranch }: ModelConfig, seed: number): tf.LayersModel {
  const [bins, frames] = spectrogramShape(spectrogram);
  return createBranch({ name: 'spectrogram', shape: [bins, frames, 1] }, audioBranch, new Random(seed, 10));
}

export function createImageBranch({ image, imageBranch }: ModelConfig, seed: number): tf.LayersModel {
  return createBranch({ name: 'pixels', shape: [image.height, image.width, 3] }, imageBranch, new Random(seed, 11));
}

/** @param models of a checkpoint: `audio`, `image`, `match`. */
export function networkFrom(config: ModelConfig, models: Record<string, tf.LayersModel>): Network {
  const { audio, image, match } = models;
  if (!audio || !image || !match)
    throw new InputError('The checkpoint lacks one of the models audio, image and match.');
  return { config, frontends: createFrontends(config.spectrogram, config.image), audio, image, match };
}

/** What the optimizer changes, of models or of layers. */
export function trainableVariables(parts: Pick<tf.LayersModel, 'trainableWeights'>[]): tf.Variable[] {
  return parts.flatMap(({ trainableWeights }) => trainableWeights.map((weight) => weight.read() as tf.Variable));
}
