import type { ProgressOutput } from '#core/progress.ts';
import { startProgress } from '#core/progress.ts';
import { Random } from '#core/random.ts';
import { unstackRows } from '../encode.ts';
import { tf } from '../tensorflow/load.ts';

export interface AutoencoderOptions {
  epochs: number;
  seed: number;
  output: ProgressOutput;
}

/** A square of the spectrogram is halved so often, down and across, with so many channels each time. */
const channels = [8, 16, 32, 64];
const batchSize = 32;
const learningRate = 2e-3;

/** Sides that the encoder halves without a rest. */
export const sidesDividedBy = 2 ** channels.length;

/**
 * A convolutional autoencoder: it learns to say a spectrogram again through a few numbers, and is told nothing else of it.
 *
 * @param pictures `[rows × columns]` each, z-scored. @param shape both sides multiples of {@link sidesDividedBy}.
 * @returns from such pictures to the few numbers: of the innermost layer the mean and the deviation over the columns, which are times,
 *   `[rows / 16 × 64 × 2]`; and the mean squared error at the end, of 1 for saying nothing.
 */
export async function learnAutoencoder(
  pictures: Float32Array[],
  shape: [rows: number, columns: number],
  { epochs, seed, output }: AutoencoderOptions,
): Promise<{ encode(pictures: Float32Array[]): Float32Array[]; error: number; dispose(): void }> {
  const { encoder, autoencoder } = createAutoencoder(shape, seed);
  const optimizer = tf.train.adam(learningRate);
  const random = new Random(seed, 60);
  const steps = epochs * Math.floor(pictures.length / batchSize);
  const progress = startProgress({ label: 'autoencoder step', total: steps, output });
  let error = 1;
  for (let epoch = 0, step = 0; epoch < epochs; epoch++) {
    const order = random.shuffle(pictures.map((_, i) => i));
    const errors: number[] = [];
    for (let first = 0; first + batchSize <= order.length; first += batchSize) {
      const drawn = order.slice(first, first + batchSize).map((i) => pictures[i] as Float32Array);
      const loss = tf.tidy(() => {
        const x = stack(drawn, shape);
        const error = () => tf.losses.meanSquaredError(x, autoencoder.apply(x) as tf.Tensor) as tf.Scalar;
        return optimizer.minimize(error, true) as tf.Scalar;
      });
      errors.push((await loss.data())[0] as number);
      loss.dispose();
      progress.update(++step);
    }
    error = errors.reduce((sum, value) => sum + value, 0) / errors.length;
  }
  progress.end();
  optimizer.dispose();
  return {
    error,
    encode(asked) {
      const rows: Float32Array[] = [];
      for (let first = 0; first < asked.length; first += batchSize) {
        const batch = asked.slice(first, first + batchSize);
        tf.tidy(() => rows.push(...unstackRows(overTime(encoder.predict(stack(batch, shape)) as tf.Tensor4D))));
      }
      return rows;
    },
    dispose: () => autoencoder.dispose(),
  };
}

/** @param code `[B, rows, columns, channels]`. @returns `[B, rows × channels × 2]`: a sound may begin anywhere. */
function overTime(code: tf.Tensor4D): tf.Tensor2D {
  const { mean, variance } = tf.moments(code, 2);
  return tf.stack([mean, tf.sqrt(variance)], 3).reshape([code.shape[0], -1]);
}

function createAutoencoder([rows, columns]: [number, number], seed: number) {
  const shared = { kernelSize: 3, strides: 2, padding: 'same' } as const;
  let nextSeed = seed;
  const kernelInitializer = () => tf.initializers.heNormal({ seed: nextSeed++ });
  const start = tf.input({ shape: [rows, columns, 1] });
  let x = start;
  for (const filters of channels) {
    const layer = tf.layers.conv2d({ ...shared, filters, activation: 'relu', kernelInitializer: kernelInitializer() });
    x = layer.apply(x) as tf.SymbolicTensor;
  }
  const encoder = tf.model({ inputs: start, outputs: x });
  for (const filters of [...channels.slice(0, -1).reverse(), 1]) {
    const layer = tf.layers.conv2dTranspose({
      ...shared,
      filters,
      activation: filters === 1 ? 'linear' : 'relu',
      kernelInitializer: kernelInitializer(),
    });
    x = layer.apply(x) as tf.SymbolicTensor;
  }
  return { encoder, autoencoder: tf.model({ inputs: start, outputs: x }) };
}

function stack(pictures: Float32Array[], [rows, columns]: [number, number]): tf.Tensor4D {
  const all = new Float32Array(pictures.length * rows * columns);
  for (const [i, picture] of pictures.entries()) all.set(picture, i * rows * columns);
  return tf.tensor4d(all, [pictures.length, rows, columns, 1]);
}
