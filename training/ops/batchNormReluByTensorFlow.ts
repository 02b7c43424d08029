import { tf } from '../tensorflow/load.ts';
import { runNativeOp } from './nativeOp.ts';

export interface BatchNormParameters {
  gamma: tf.Variable;
  beta: tf.Variable;
  movingMean: tf.Variable;
  movingVariance: tf.Variable;
  epsilon: number;
}

export interface BatchNormReluOptions {
  /** Share of the moving statistics kept from batch to batch. */
  momentum: number;
  /** Whether a max-pool of 2×2 squares follows; an odd last row or column is left out. */
  pool: boolean;
}

/** `batchNormRelu` where our operators are not: on GPUs, and on processors that they are not compiled for. */
export function batchNormReluByTensorFlow(
  x: tf.Tensor4D,
  { gamma, beta, movingMean, movingVariance, epsilon }: BatchNormParameters,
  { momentum, pool }: BatchNormReluOptions,
): tf.Tensor4D {
  const shared = {
    typeAttributes: ['T', 'U'],
    strings: { data_format: 'NHWC' },
    booleans: { is_training: true },
  };
  const forward = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [value, mean, variance, ...reserved] = runNativeOp({
      name: 'FusedBatchNormV3',
      inputs: [input, scale, offset, movingMean, movingVariance],
      outputs: 6,
      floats: { epsilon, exponential_avg_factor: 1 - momentum },
      ...shared,
    }) as [tf.Tensor4D, ...tf.Tensor[]];
    movingMean.assign(mean as tf.Tensor);
    movingVariance.assign(variance as tf.Tensor);
    save([input, scale, ...reserved]);
    return {
      value,
      gradFunc: (gradient, saved) => {
        const [inputGradient, scaleGradient, offsetGradient, ...unused] = runNativeOp({
          name: 'FusedBatchNormGradV3',
          inputs: [gradient as tf.Tensor, ...saved],
          outputs: 5,
          floats: { epsilon },
          ...shared,
        });
        tf.dispose(unused);
        return [inputGradient, scaleGradient, offsetGradient] as tf.Tensor[];
      },
    };
  });
  const normalised = forward(x, gamma, beta) as tf.Tensor4D;
  return relu(pool ? tf.maxPool(normalised, 2, 2, 'valid') : normalised); // after the pool, of a quarter: the same
}

/** tfjs writes its gradient out in three operators. */
const relu = tf.customGrad((...args) => {
  const [input, save] = args as unknown as [tf.Tensor4D, tf.GradSaveFunc];
  const value = tf.relu(input);
  save([value]);
  return {
    value,
    gradFunc: (gradient, saved) => {
      const inputs = [gradient as tf.Tensor, ...saved];
      return runNativeOp({ name: 'ReluGrad', inputs, outputs: 1, typeAttributes: ['T'] });
    },
  };
}) as (x: tf.Tensor4D) => tf.Tensor4D;
