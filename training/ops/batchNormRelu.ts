import { tf } from '../tensorflow/load.ts';
import { runNativeOp } from './nativeOp.ts';

export interface BatchNormParameters {
  gamma: tf.Variable;
  beta: tf.Variable;
  movingMean: tf.Variable;
  movingVariance: tf.Variable;
  epsilon: number;
}

/**
 * ReLU(batch normalisation) of a training step, as one operator with its own gradient. Stock tfjs trains through some twenty
 * unfused operators here; TensorFlow's fused ones take a third of the time and half of the memory.
 *
 * Also moves `movingMean` and `movingVariance` a share of 1 − `momentum` towards this batch's, as Keras does
 * (but with the unbiased variance, as TensorFlow's fused operator does).
 *
 * @param x `[B, H, W, C]` float32.
 * @returns `[B, H, W, C]` float32, ≥ 0.
 */
export function batchNormRelu(x: tf.Tensor4D, parameters: BatchNormParameters, momentum: number): tf.Tensor4D {
  const { gamma, beta, movingMean, movingVariance, epsilon } = parameters;
  const shared = {
    typeAttributes: ['T', 'U'],
    strings: { data_format: 'NHWC' },
    booleans: { is_training: true },
  };
  const forward = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [tf.Tensor4D, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [normalised, mean, variance, ...reserved] = runNativeOp({
      name: 'FusedBatchNormV3',
      inputs: [input, scale, offset, movingMean, movingVariance],
      outputs: 6,
      floats: { epsilon, exponential_avg_factor: 1 - momentum },
      ...shared,
    }) as [tf.Tensor4D, ...tf.Tensor[]];
    movingMean.assign(mean as tf.Tensor);
    movingVariance.assign(variance as tf.Tensor);
    const value = tf.relu(normalised);
    normalised.dispose();
    save([input, scale, value, ...reserved]);
    return {
      value,
      gradFunc: (gradient, saved) => {
        const [savedInput, savedScale, output, ...reserve] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
        const [masked] = runNativeOp({
          name: 'ReluGrad',
          inputs: [gradient as tf.Tensor, output],
          outputs: 1,
          typeAttributes: ['T'],
        }) as [tf.Tensor];
        const [inputGradient, scaleGradient, offsetGradient, ...unused] = runNativeOp({
          name: 'FusedBatchNormGradV3',
          inputs: [masked, savedInput, savedScale, ...reserve],
          outputs: 5,
          floats: { epsilon },
          ...shared,
        });
        tf.dispose([masked, ...unused]);
        return [inputGradient, scaleGradient, offsetGradient] as tf.Tensor[];
      },
    };
  });
  return forward(x, gamma, beta) as tf.Tensor4D;
}
