import { tf } from '../tensorflow/load.ts';
import { type AdamSettings, type AdamVectors, adam, adamStepByTensorFlow } from './adamStepByTensorFlow.ts';
import { hasClapperOperator, runNativeOp } from './nativeOp.ts';

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
