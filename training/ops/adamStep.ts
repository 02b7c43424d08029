import { tf } from '../tensorflow/load.ts';
import { adamStepByTensorFlow } from './adamStepByTensorFlow.ts';
import { hasClapperOperator, runNativeOp } from './nativeOp.ts';

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
 * One step of Adam for all variables, in one operator.
 *
 * @param gradients one for each of the values.
 * @returns new tensors, which the caller owns; those given stay as they are.
 */
export function adamStep(before: AdamVectors, gradients: tf.Tensor[], settings: AdamSettings): AdamVectors {
  if (!hasClapperOperator('ClapperAdam')) return adamStepByTensorFlow(before, gradients, settings);
  const { values, first, second } = before;
  const { step, learningRate, parts, l2, kept } = settings;
  const { beta1, beta2, epsilon } = adam;
  const rate = learningRate / (1 - beta1 ** step);
  const numbers = tf.tensor1d([beta1, beta2, epsilon, rate, 1 / (1 - beta2 ** step), 1 / parts, l2, kept]);
  const outputs = runNativeOp({
    name: 'ClapperAdam',
    inputs: [...values, ...gradients, first, second, numbers],
    outputs: values.length + 2,
    integers: { N: values.length },
  });
  numbers.dispose();
  const [newFirst, newSecond] = outputs.slice(values.length) as [tf.Tensor1D, tf.Tensor1D];
  return { values: outputs.slice(0, values.length), first: newFirst, second: newSecond };
}
