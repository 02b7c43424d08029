import type { ModelConfig } from '#core/config.ts';
import { InputError } from '#core/errors.ts';
import { createFrontends, type Frontends } from '../model/frontends.ts';
import { createAudioBranch, createImageBranch } from '../model/network.ts';
import { modelConfigOf, type NetworkOptions } from '../model/options.ts';
import type { Models } from '../task.ts';
import type { tf } from '../tensorflow/load.ts';
import type { Sense } from './examples.ts';

/** The branch that a classifier stands on. */
export interface Encoder {
  sense: Sense;
  config: ModelConfig;
  frontends: Frontends;
  branch: tf.LayersModel;
}

/** With seeded random weights. */
export function randomEncoder(sense: Sense, { network, seed }: { network: NetworkOptions; seed: number }): Encoder {
  const config = modelConfigOf(network);
  const branch = sense === 'audio' ? createAudioBranch(config, seed) : createImageBranch(config, seed);
  return { sense, config, frontends: createFrontends(config.spectrogram, config.image), branch };
}

/** @throws {InputError} where the models have no branch for this sense. */
export function encoderFrom(models: Models, { sense, config }: { sense: Sense; config: ModelConfig }): Encoder {
  const branch = models[sense];
  if (!branch) {
    const names = Object.keys(models).join(', ');
    throw new InputError(`Expected a checkpoint with a branch for ${sense} but this one has only ${names}.`);
  }
  return { sense, config, frontends: createFrontends(config.spectrogram, config.image), branch };
}

/** What the loader makes for this encoder: windows of sound, or pictures. */
export function loadedInput({ sense, config }: Encoder): {
  samples: number | null;
  image: ModelConfig['image'] | null;
} {
  return {
    samples: sense === 'audio' ? config.spectrogram.samples : null,
    image: sense === 'image' ? config.image : null,
  };
}
