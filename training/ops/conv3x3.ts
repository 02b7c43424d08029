import { tf } from '../tensorflow/load.ts';
import { hasClapperOperator, runNativeOp } from './nativeOp.ts';

export interface Conv3x3Options {
  /** Down and across. */
  stride: number;
  /** Whether nothing before it learns: then there is no gradient for `x`. */
  isFirst: boolean;
}

/**
 * 3×3 convolution of a training step, 'same' padding, no bias. Where our operator is, its kernel's gradient is computed by it: on
 * processors with AVX2 oneDNN takes 1.7 times as long (L3-Net's layers at a quarter of its channels, Zen 3).
 *
 * @param x `[B, H, W, C]` float32.
 * @param kernel `[3, 3, C, D]` float32.
 * @returns `[B, ceil(H / stride), ceil(W / stride), D]` float32.
 */
export function conv3x3(x: tf.Tensor4D, kernel: tf.Tensor4D, { stride, isFirst }: Conv3x3Options): tf.Tensor4D {
  const convolve = (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.conv2d(x, kernel, stride, 'same');
  if (!hasClapperOperator('ClapperConv3x3FilterGrad')) return convolve(x, kernel);

  const kernelGradient = (x: tf.Tensor, gradient: tf.Tensor) =>
    runNativeOp({
      name: 'ClapperConv3x3FilterGrad',
      inputs: [x, gradient],
      outputs: 1,
      integers: { stride },
    })[0] as tf.Tensor;
  if (isFirst) {
    const ofKernel = tf.customGrad((...args) => {
      const [kernel, save] = args as unknown as [tf.Tensor4D, tf.GradSaveFunc];
      save([x]);
      return {
        value: convolve(x, kernel),
        gradFunc: (gradient, saved) => kernelGradient((saved as tf.Tensor[])[0] as tf.Tensor, gradient as tf.Tensor),
      };
    });
    return ofKernel(kernel) as tf.Tensor4D;
  }
  const ofBoth = tf.customGrad((...args) => {
    const [input, kernel, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([input, kernel]);
    return {
      value: convolve(input, kernel),
      gradFunc: (gradient, saved) => {
        const [input, kernel] = saved as [tf.Tensor4D, tf.Tensor4D];
        return [
          tf.conv2dTranspose(gradient as tf.Tensor4D, kernel, input.shape, stride, 'same'),
          kernelGradient(input, gradient as tf.Tensor),
        ];
      },
    };
  });
  return ofBoth(x, kernel) as tf.Tensor4D;
}
