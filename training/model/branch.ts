import type { BranchOptions } from '#core/config.ts';
import type { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';

/** Keras' own default of 1e-3 is coarse beside the small variances of quiet sounds. */
const batchNormEpsilon = 1e-5;

export interface BranchInput {
  name: 'spectrogram' | 'pixels';
  /** Rows × columns × channels. */
  shape: [rows: number, columns: number, channels: number];
}

/**
 * One branch of the network as a layers model: blocks of (conv 3×3 – BN – ReLU) × 2, 2×2 max-pool between blocks.
 *
 * Two outputs: the embedding `[B, D]` (the last block pooled over all of it) and the features `[B, rows × columns × D]` (the last block max-pooled
 * to `featureGrid`) that linear probes read.
 */
export function createBranch(input: BranchInput, options: BranchOptions, random: Random): tf.LayersModel {
  const start = tf.input({ shape: input.shape, name: input.name });
  let x = start;
  let inputChannels = input.shape[2];
  for (const [b, channels] of options.channels.entries()) {
    if (b > 0) x = tf.layers.maxPooling2d({ poolSize: 2, name: `pool${b}` }).apply(x) as tf.SymbolicTensor;
    for (const c of [1, 2]) {
      const isStem = b === 0 && c === 1;
      x = convBnRelu(x, {
        name: `${b + 1}_${c}`,
        inputChannels,
        channels,
        stride: isStem ? options.stemStride : 1,
        random,
      });
      inputChannels = channels;
    }
  }
  const pool = options.pooling === 'max' ? tf.layers.globalMaxPooling2d : tf.layers.globalAveragePooling2d;
  const embedding = pool({ name: 'embedding' }).apply(x) as tf.SymbolicTensor;
  const [, rows, columns] = x.shape as [null, number, number];
  const poolSize: [number, number] = [
    Math.floor(rows / options.featureGrid[0]),
    Math.floor(columns / options.featureGrid[1]),
  ];
  const grid = tf.layers.maxPooling2d({ poolSize, strides: poolSize, name: 'feature_pool' }).apply(x);
  const features = tf.layers.flatten({ name: 'features' }).apply(grid) as tf.SymbolicTensor;
  return tf.model({ inputs: start, outputs: [embedding, features], name: input.name === 'pixels' ? 'image' : 'audio' });
}

interface ConvOptions {
  name: string;
  inputChannels: number;
  channels: number;
  stride: number;
  random: Random;
}

function convBnRelu(
  x: tf.SymbolicTensor,
  { name, inputChannels, channels, stride, random }: ConvOptions,
): tf.SymbolicTensor {
  const conv = tf.layers.conv2d({
    filters: channels,
    kernelSize: 3,
    strides: stride,
    padding: 'same',
    useBias: false, // the batch normalisation after it has one
    name: `conv${name}`,
  });
  const convolved = conv.apply(x) as tf.SymbolicTensor;
  // He et al. 2015: keeps the variance through ReLU.
  conv.setWeights([randomNormal([3, 3, inputChannels, channels], Math.sqrt(2 / (9 * inputChannels)), random)]);
  const normalised = tf.layers.batchNormalization({ epsilon: batchNormEpsilon, name: `bn${name}` }).apply(convolved);
  return tf.layers.reLU({ name: `relu${name}` }).apply(normalised) as tf.SymbolicTensor;
}

/** Normal numbers from our own generator: the same initial weights on every machine. */
export function randomNormal(shape: number[], standardDeviation: number, random: Random): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => standardDeviation * random.normal());
  return tf.tensor(values, shape);
}
