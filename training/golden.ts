import { type Golden, goldenImage, goldenWaveform } from '#core/bundle/golden.ts';
import { encodeAudio, encodeImages, scorePairs, stackRows, unstackRows } from './encode.ts';
import type { Network } from './model/network.ts';
import type { Probe } from './probe.ts';
import { tf } from './tensorflow/load.ts';

const seeds = [1, 2, 3, 4];

/** What this network gives for inputs made from seeds, for every other runtime to compare with. */
export function makeGolden(network: Network, probes: Probe[]): Golden {
  const { spectrogram, image } = network.config;
  const sounds = encodeAudio(
    network,
    seeds.map((seed) => goldenWaveform(seed, spectrogram.samples)),
  );
  const pictures = encodeImages(
    network,
    seeds.map((seed) => goldenImage(seed, image)),
  );
  const classify = ({ input, model }: Probe) =>
    tf.tidy(() => {
      const { embeddings } = input === 'audio_embedding' ? sounds : pictures;
      return unstackRows(model.predict(stackRows(embeddings)) as tf.Tensor2D).map((row) => [...row]);
    });
  return {
    schema: 'clapper-golden/1',
    seeds,
    audioEmbeddings: sounds.embeddings.map((row) => [...row]),
    imageEmbeddings: pictures.embeddings.map((row) => [...row]),
    audioFeatures: [...(sounds.features[0] as Float32Array)],
    imageFeatures: [...(pictures.features[0] as Float32Array)],
    probabilities: [...scorePairs(network, sounds.embeddings, pictures.embeddings)],
    classifiers: Object.fromEntries(probes.map((probe) => [probe.name, classify(probe)])),
  };
}
