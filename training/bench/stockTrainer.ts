import { Random } from '#core/random.ts';
import type { CorrespondenceConfig } from '../correspondence/config.ts';
import { createNetwork } from '../model/network.ts';
import { modelConfigOf } from '../model/options.ts';
import { tf } from '../tensorflow/load.ts';
import type { Trainer } from './clapperTrainer.ts';

/** The same network and step in tfjs' own layers, gradients and Adam, on one random batch. */
export function createStockTrainer(config: CorrespondenceConfig): Trainer {
  const { batchSize, seed, learningRate } = config;
  const model = modelConfigOf(config.network);
  const { frontends, audio, image, match } = createNetwork(model, seed);
  const embeddingOf = ({ inputs, outputs }: tf.LayersModel) =>
    tf.model({ inputs, outputs: outputs[0] as tf.SymbolicTensor });
  const [audioBranch, imageBranch] = [embeddingOf(audio), embeddingOf(image)];
  const optimizer = tf.train.adam(learningRate);

  const random = new Random(seed);
  const { samples } = model.spectrogram;
  const { height, width } = model.image;
  const waveforms = tf.tensor2d(
    Float32Array.from({ length: batchSize * samples }, () => 0.1 * random.normal()),
    [batchSize, samples],
  );
  const pictures = Uint8Array.from({ length: batchSize * height * width * 3 }, () => random.integer(256));
  const rows = Array.from({ length: batchSize }, (_, row) => row);
  const audioRows = tf.tensor1d([...rows, ...rows], 'int32');
  const imageRows = tf.tensor1d([...rows, ...rows.map((row) => (row + 1) % batchSize)], 'int32');
  const corresponds = tf.oneHot(tf.tensor1d([...rows.map(() => 1), ...rows.map(() => 0)], 'int32'), 2);

  const loss = () => {
    const heard = audioBranch.apply(frontends.spectrogram(waveforms), { training: true }) as tf.Tensor2D;
    const seen = imageBranch.apply(frontends.pixels(pictures), { training: true }) as tf.Tensor2D;
    const pairs = [tf.gather(heard, audioRows), tf.gather(seen, imageRows)];
    const probabilities = match.apply(pairs, { training: true }) as tf.Tensor2D;
    return tf.mean<tf.Scalar>(tf.metrics.categoricalCrossentropy(corresponds, probabilities));
  };
  return {
    step: async () => optimizer.minimize(loss, true) as tf.Scalar,
    async close() {
      tf.dispose([waveforms, audioRows, imageRows, corresponds]);
    },
  };
}
