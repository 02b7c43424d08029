import type { ModelConfig } from '#core/config.ts';
import { InputError } from '#core/errors.ts';
import { type EncodedRows, encodeAudio, encodeImages } from '../encode.ts';
import { createFrontends, type Frontends } from '../model/frontends.ts';
import { createAudioBranch, createImageBranch } from '../model/network.ts';
import { modelConfigOf, type NetworkOptions, withPictures } from '../model/options.ts';
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

/** Whatever makes rows of numbers of windows of sound, or of pictures. */
export interface RowEncoder {
  sense: Sense;
  /** Of its inputs. */
  config: {
    spectrogram: Pick<ModelConfig['spectrogram'], 'sampleRate' | 'samples'>;
    image: Pick<ModelConfig['image'], 'width' | 'height' | 'shortSide'>;
  };
  /** @param inputs windows `[N]` float32 of sound, or pictures RGB uint8 `[H, W, 3]`. */
  encode(inputs: Float32Array[] | Uint8Array[]): EncodedRows | Promise<EncodedRows>;
}

export function rowEncoder({ sense, config, frontends, branch }: Encoder): RowEncoder {
  return {
    sense,
    config,
    encode: (inputs) =>
      sense === 'audio'
        ? encodeAudio({ audio: branch, frontends }, inputs as Float32Array[])
        : encodeImages({ image: branch, frontends, config }, inputs as Uint8Array[]),
  };
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

/** A branch of pictures with the same weights, for squares of so many times the pixels along a side. @throws {InputError} for a branch that hears, or pictures too small for it. */
export function enlarged(encoder: Encoder, times: number): Encoder {
  if (encoder.sense !== 'image') {
    throw new InputError('Expected a branch that sees with enlarge, but this one hears: --set enlarge=1');
  }
  const config = withPictures(encoder.config, times);
  const branch = createImageBranch(config, 0);
  branch.setWeights(encoder.branch.getWeights());
  return { ...encoder, config, frontends: createFrontends(config.spectrogram, config.image), branch };
}

/** What the loader makes for this encoder: windows of sound, or pictures. */
export function loadedInput({ sense, config }: Pick<RowEncoder, 'sense' | 'config'>): {
  samples: number | null;
  image: RowEncoder['config']['image'] | null;
} {
  return {
    samples: sense === 'audio' ? config.spectrogram.samples : null,
    image: sense === 'image' ? config.image : null,
  };
}
