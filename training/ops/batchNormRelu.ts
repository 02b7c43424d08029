import { tf } from '../tensorflow/load.ts';
import {
  type BatchNormParameters,
  type BatchNormReluOptions,
  batchNormReluByTensorFlow,
} from './batchNormReluByTensorFlow.ts';
import { hasClapperOperator, runNativeOp } from './nativeOp.ts';

/**
 * ReLU(batch normalisation) of a training step and the max-pool after it, as one operator with its own gradient, where stock tfjs
 * trains through some twenty.
 *
 * Also moves `movingMean` and `movingVariance` a share of 1 − `momentum` towards this batch's, as Keras does
 * (but with the unbiased variance, as TensorFlow's fused operator does).
 *
 * @param x `[B, H, W, C]` float32.
 * @returns `[B, H, W, C]` float32, ≥ 0; pooled: `[B, floor(H/2), floor(W/2), C]`.
 */
export function batchNormRelu(
  x: tf.Tensor4D,
  parameters: BatchNormParameters,
  options: BatchNormReluOptions,
): tf.Tensor4D {
  return hasClapperOperator('ClapperBatchNormRelu')
    ? inOneOperator(x, parameters, options)
    : batchNormReluByTensorFlow(x, parameters, options);
}

function inOneOperator(
  x: tf.Tensor4D,
  { gamma, beta, movingMean, movingVariance, epsilon }: BatchNormParameters,
  { momentum, pool }: BatchNormReluOptions,
): tf.Tensor4D {
  const forward = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [value, mean, inverseDeviation, newMean, newVariance] = runNativeOp({
      name: 'ClapperBatchNormRelu',
      inputs: [input, scale, offset, movingMean, movingVariance],
      outputs: 5,
      floats: { epsilon, momentum },
      booleans: { pool },
    }) as [tf.Tensor4D, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    movingMean.assign(newMean);
    movingVariance.assign(newVariance);
    save([input, scale, offset, mean, inverseDeviation]);
    return {
      value,
      gradFunc: (gradient, saved) =>
        runNativeOp({
          name: 'ClapperBatchNormReluGrad',
          inputs: [gradient as tf.Tensor, ...saved],
          outputs: 3,
          booleans: { pool },
        }),
    };
  });
  return forward(x, gamma, beta) as tf.Tensor4D;
}
