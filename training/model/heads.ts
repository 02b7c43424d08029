import type { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';
import { randomNormal } from './branch.ts';

export interface ClassifierOptions {
  input: string;
  inputSize: number;
  classes: number;
  /** Units of a layer with ReLU before the classes; null: none, which makes it a linear probe. */
  hidden?: number | null;
}

/** Hidden, ReLU → softmax over the classes. */
export function createClassifier(options: ClassifierOptions, random: Random): tf.LayersModel {
  const { input, inputSize, classes, hidden = null } = options;
  const start = tf.input({ shape: [inputSize], name: input });
  const last = hidden === null ? start : dense(start, { units: hidden, activation: 'relu', name: 'hidden', random });
  const probabilities = dense(last, { units: classes, activation: 'softmax', name: 'probabilities', random });
  return tf.model({ inputs: start, outputs: probabilities, name: 'classify' });
}

/** Linear: what a network of others gives, told by an embedding. */
export function createTelling(
  { input, inputSize, units }: { input: string; inputSize: number; units: number },
  random: Random,
): tf.LayersModel {
  const start = tf.input({ shape: [inputSize], name: input });
  const numbers = dense(start, { units, activation: 'linear', name: 'numbers', random });
  return tf.model({ inputs: start, outputs: numbers, name: 'distil' });
}

interface DenseOptions {
  units: number;
  activation: 'linear' | 'relu' | 'softmax' | 'logSoftmax';
  name: string;
  random: Random;
}

/** Weights as He et al. 2015 draw them, biases of 0. */
export function dense(x: tf.SymbolicTensor, { units, activation, name, random }: DenseOptions): tf.SymbolicTensor {
  // tfjs has it, its type does not.
  const layer = tf.layers.dense({ units, activation: activation as 'softmax', name });
  const output = layer.apply(x) as tf.SymbolicTensor;
  const inputs = x.shape.at(-1) as number;
  layer.setWeights([randomNormal([inputs, units], Math.sqrt(2 / inputs), random), tf.zeros([units])]);
  return output;
}
