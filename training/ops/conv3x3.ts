import { InputError } from '#core/errors.ts';
import { tf } from '../tensorflow/load.ts';
import { hasClapperOperator, runNativeOp } from './nativeOp.ts';

/** Of the products in a training step; sums, weights and what is saved are float32 either way. */
export type Precision = 'float32' | 'bf16';

export interface Conv3x3Options {
  /** Down and across. */
  stride: number;
  /** Whether nothing before it learns: then there is no gradient for `x`. */
  isFirst: boolean;
  /** bf16: in our operators, where {@link hasBf16}; a stride of 2 has none and stays float32. */
  precision: Precision;
}

/** A convolution and its gradients. */
interface Convolution {
  forward(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D;
  ofInput(gradient: tf.Tensor4D, kernel: tf.Tensor4D, shape: tf.Tensor4D['shape']): tf.Tensor4D;
  ofKernel(x: tf.Tensor4D, gradient: tf.Tensor4D): tf.Tensor4D;
}

/** Whether this processor computes in bfloat16: Intel's with AMX, since Sapphire Rapids. */
export function hasBf16(): boolean {
  return hasClapperOperator('ClapperConv3x3Bf16');
}

/** @throws {InputError} for bf16 on a processor without it. */
export function checkPrecision(precision: Precision): void {
  if (precision === 'float32' || hasBf16()) return;
  throw new InputError(
    'Expected a processor that computes in bfloat16 (AMX: Intel since Sapphire Rapids), which this is not, or `clapper setup` ' +
      'has not compiled for it (g++ 12 or later). Train with: --set precision=float32',
  );
}

/**
 * 3×3 convolution of a training step, 'same' padding, no bias. Where our operator is, its kernel's gradient is computed by it: on
 * processors with AVX2 oneDNN takes 1.7 times as long (L3-Net's layers at a quarter of its channels, Zen 3).
 *
 * @param x `[B, H, W, C]` float32.
 * @param kernel `[3, 3, C, D]` float32.
 * @returns `[B, ceil(H / stride), ceil(W / stride), D]` float32.
 */
export function conv3x3(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { stride, isFirst, precision }: Conv3x3Options,
): tf.Tensor4D {
  const convolution = precision === 'bf16' && stride === 1 ? inBf16 : inFloat32(stride);
  if (!convolution) return tf.conv2d(x, kernel, stride, 'same');
  const { forward, ofInput, ofKernel } = convolution;
  if (isFirst) {
    const withKernel = tf.customGrad((...args) => {
      const [kernel, save] = args as unknown as [tf.Tensor4D, tf.GradSaveFunc];
      save([x]);
      return {
        value: forward(x, kernel),
        gradFunc: (gradient, saved) => ofKernel((saved as tf.Tensor4D[])[0] as tf.Tensor4D, gradient as tf.Tensor4D),
      };
    });
    return withKernel(kernel) as tf.Tensor4D;
  }
  const withBoth = tf.customGrad((...args) => {
    const [input, kernel, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([input, kernel]);
    return {
      value: forward(input, kernel),
      gradFunc: (gradient, saved) => {
        const [input, kernel] = saved as [tf.Tensor4D, tf.Tensor4D];
        const given = gradient as tf.Tensor4D;
        return [ofInput(given, kernel, input.shape), ofKernel(input, given)];
      },
    };
  });
  return withBoth(x, kernel) as tf.Tensor4D;
}

const run = (name: string, inputs: tf.Tensor[], attributes: { transposed?: boolean; stride?: number }) =>
  runNativeOp({
    name,
    inputs,
    outputs: 1,
    booleans: attributes.transposed === undefined ? {} : { transposed: attributes.transposed },
    integers: attributes.stride === undefined ? {} : { stride: attributes.stride },
  })[0] as tf.Tensor4D;

const inBf16: Convolution = {
  forward: (x, kernel) => run('ClapperConv3x3Bf16', [x, kernel], { transposed: false }),
  ofInput: (gradient, kernel) => run('ClapperConv3x3Bf16', [gradient, kernel], { transposed: true }),
  ofKernel: (x, gradient) => run('ClapperConv3x3FilterGradBf16', [x, gradient], {}),
};

/** @returns null where TensorFlow's own gradients are the fastest. */
function inFloat32(stride: number): Convolution | null {
  if (!hasClapperOperator('ClapperConv3x3FilterGrad')) return null;
  return {
    forward: (x, kernel) => tf.conv2d(x, kernel, stride, 'same'),
    ofInput: (gradient, kernel, shape) => tf.conv2dTranspose(gradient, kernel, shape, stride, 'same'),
    ofKernel: (x, gradient) => run('ClapperConv3x3FilterGrad', [x, gradient], { stride }),
  };
}
