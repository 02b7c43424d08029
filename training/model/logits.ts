import { tf } from '../tensorflow/load.ts';

/** @returns `[B, classes]`: what a head gives before the softmax of its last layer. */
export function logitsOf(head: tf.LayersModel, inputs: tf.Tensor2D[]): tf.Tensor2D {
  const last = head.layers.at(-1) as tf.layers.Layer;
  const [kernel, bias] = last.weights.map((weight) => weight.read()) as [tf.Tensor2D, tf.Tensor1D];
  const isFirst = head.inputs.some((input) => input === last.input);
  const before = isFirst
    ? (inputs[0] as tf.Tensor2D)
    : (tf.model({ inputs: head.inputs, outputs: last.input as tf.SymbolicTensor }).predict(inputs) as tf.Tensor2D);
  return tf.add<tf.Tensor2D>(tf.matMul(before, kernel), bias);
}
