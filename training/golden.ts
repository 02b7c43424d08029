import { type Golden, goldenImage, goldenWaveform } from '#core/bundle/golden.ts';
import { encodeAudio, encodeImages, scorePairs, stackRows, unstackRows } from './encode.ts';
import type { Network } from './model/network.ts';
import type { Classifier } from './task.ts';
import { tf } from './tensorflow/load.ts';

const seeds = [1, 2, 3, 4];

/** A network, or a branch of one. */
export type NetworkParts = Pick<Network, 'config' | 'frontends'> & Partial<Pick<Network, 'audio' | 'image' | 'match'>>;

/** What these parts give for inputs made from seeds, for every other runtime to compare with. */
export function makeGolden(network: NetworkParts, classifiers: Classifier[]): Golden {
  const { config, frontends, audio, image, match } = network;
  const waveforms = () => seeds.map((seed) => goldenWaveform(seed, config.spectrogram.samples));
  const pixels = () => seeds.map((seed) => goldenImage(seed, config.image));
  const sounds = audio ? encodeAudio({ audio, frontends }, waveforms()) : null;
  const pictures = image ? encodeImages({ image, frontends, config }, pixels()) : null;
  const classify = ({ input, model }: Classifier) =>
    tf.tidy(() => {
      const rows = (input.startsWith('audio') ? sounds : pictures)?.[
        input.endsWith('embedding') ? 'embeddings' : 'features'
      ];
      return unstackRows(model.predict(stackRows(rows ?? [])) as tf.Tensor2D).map((row) => [...row]);
    });
  return {
    schema: 'clapper-golden/1',
    seeds,
    ...(sounds && {
      audioEmbeddings: sounds.embeddings.map((row) => [...row]),
      audioFeatures: [...(sounds.features[0] as Float32Array)],
    }),
    ...(pictures && {
      imageEmbeddings: pictures.embeddings.map((row) => [...row]),
      imageFeatures: [...(pictures.features[0] as Float32Array)],
    }),
    ...(sounds &&
      pictures &&
      match && {
        probabilities: [...scorePairs({ match }, sounds.embeddings, pictures.embeddings)],
      }),
    classifiers: Object.fromEntries(classifiers.map((classifier) => [classifier.name, classify(classifier)])),
  };
}
