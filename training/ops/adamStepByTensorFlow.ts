import { tf } from '../tensorflow/load.ts';

export interface AdamVectors {
  /** What is learnt. */
  values: tf.Tensor[];
  /** First and second moments of all gradients, `[P]` each, in the order of the values. */
  first: tf.Tensor1D;
  second: tf.Tensor1D;
}

export interface AdamSettings {
  /** From 1. */
  step: number;
  learningRate: number;
  /** That the gradients are divided by: how many of them were added up. */
  parts: number;
  /** Share of a kernel's value that is added to its gradient; biases and batch normalisation have none of this and the next. */
  l2: number;
  /** Share of a kernel's value that a step leaves, before the gradient's part (AdamW). */
  kept: number;
}

/** Kingma & Ba 2015, algorithm 1. */
export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * `adamStep` where our operators are not: over all variables as one long vector, in a dozen operators and two for each
 * variable, where tfjs' own Adam runs a dozen for each.
 */
export function adamStepByTensorFlow(before: AdamVectors, gradients: tf.Tensor[], settings: AdamSettings): AdamVectors {
  const { beta1, beta2, epsilon } = adam;
  const { step, learningRate, parts, l2, kept } = settings;
  const { values } = before;
  const isKernel = (value: tf.Tensor) => value.rank > 1;
  const result = tf.tidy(() => {
    const flat = gradients.map((gradient, i) => {
      const value = values[i] as tf.Tensor;
      return l2 > 0 && isKernel(value) ? tf.add(tf.div(gradient, parts), tf.mul(value, l2)) : tf.div(gradient, parts);
    });
    const gradient = tf.concat1d(flat.map((tensor) => tensor.flatten()));
    const first = tf.add<tf.Tensor1D>(tf.mul(before.first, beta1), tf.mul(gradient, 1 - beta1));
    const second = tf.add<tf.Tensor1D>(tf.mul(before.second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const deviation = tf.add(tf.sqrt(tf.div(second, 1 - beta2 ** step)), epsilon);
    const change = tf.div<tf.Tensor1D>(tf.mul(first, learningRate / (1 - beta1 ** step)), deviation);
    const changes = tf.split(
      change,
      values.map(({ size }) => size),
    );
    const newValues = values.map((value, i) => {
      const decayed = kept < 1 && isKernel(value) ? tf.mul(value, kept) : value;
      return tf.sub(decayed, (changes[i] as tf.Tensor1D).reshape(value.shape));
    });
    return [first, second, ...newValues];
  });
  const [first, second, ...newValues] = result as [tf.Tensor1D, tf.Tensor1D, ...tf.Tensor[]];
  return { values: newValues, first, second };
}
