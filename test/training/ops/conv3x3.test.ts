import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { conv3x3, hasBf16 } from '../../../training/ops/conv3x3.ts';
import { hasClapperOperator } from '../../../training/ops/nativeOp.ts';
import { tf } from '../../../training/tensorflow/load.ts';

/** Channels and sizes that fill the operator's tiles and blocks, and that do not. */
const cases = [
  { x: [2, 9, 11, 1], outputs: 5, stride: 2 },
  { x: [2, 8, 12, 3], outputs: 16, stride: 2 },
  { x: [3, 7, 5, 16], outputs: 21, stride: 1 },
  { x: [2, 40, 33, 8], outputs: 40, stride: 1 },
  { x: [5, 1, 1, 4], outputs: 3, stride: 1 },
  { x: [1, 3, 300, 2], outputs: 33, stride: 2 },
] as const;

/** It is compiled for x64 with AVX2, and not used where TensorFlow's own is faster: with AVX-512, on GPUs. */
const isOwn = hasClapperOperator('ClapperConv3x3FilterGrad');
const elsewhere = isOwn
  ? ''
  : ' (skipped: this processor takes TensorFlow’s own gradient, so there is nothing to compare)';

test.skipIf(!isOwn).each(cases)(
  `a 3×3 convolution of $x has the value and the gradients of tfjs’ own ($outputs outputs, stride $stride)${elsewhere}`,
  ({ x: shape, outputs, stride }) => {
    const random = new Random(4);
    const x = randomNormal([...shape], 1, random) as tf.Tensor4D;
    const kernel = randomNormal([3, 3, shape[3], outputs], 1, random) as tf.Tensor4D;
    const stock = (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.conv2d(x, kernel, stride, 'same');
    const weights = randomNormal(stock(x, kernel).shape, 1, random);
    const weigh = (y: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(y, weights));
    const own = (x: tf.Tensor4D, kernel: tf.Tensor4D) =>
      conv3x3(x, kernel, { stride, isFirst: false, precision: 'float32' });
    const first = (kernel: tf.Tensor4D) => weigh(conv3x3(x, kernel, { stride, isFirst: true, precision: 'float32' }));

    const [value, ...gradients] = flatten(
      tf.valueAndGrads((a, b) => weigh(own(a as tf.Tensor4D, b as tf.Tensor4D)))([x, kernel]),
    );
    const [expected, ...expectedGradients] = flatten(
      tf.valueAndGrads((a, b) => weigh(stock(a as tf.Tensor4D, b as tf.Tensor4D)))([x, kernel]),
    );
    expectClose(value, expected);
    expectClose(gradients[0], expectedGradients[0]);
    expectClose(gradients[1], expectedGradients[1]);
    expectClose(tf.grad((kernel) => first(kernel as tf.Tensor4D))(kernel), expectedGradients[1]);
  },
);

test.runIf(hasBf16())(
  'in bf16 its value and gradients are those of numbers rounded to eight bits, summed in float32',
  () => {
    for (const { x: shape, outputs } of cases.filter(({ stride }) => stride === 1)) {
      const random = new Random(5);
      const x = rounded(randomNormal([...shape], 1, random)) as tf.Tensor4D;
      const kernel = rounded(randomNormal([3, 3, shape[3], outputs], 1, random)) as tf.Tensor4D;
      const stock = (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.conv2d(x, kernel, 1, 'same');
      const weights = rounded(randomNormal(stock(x, kernel).shape, 1, random));
      const own = (x: tf.Tensor4D, kernel: tf.Tensor4D) =>
        conv3x3(x, kernel, { stride: 1, isFirst: false, precision: 'bf16' });
      const [actual, expected] = [own, stock].map((convolve) =>
        flatten(
          tf.valueAndGrads((a, b) => tf.sum(tf.mul(convolve(a as tf.Tensor4D, b as tf.Tensor4D), weights)))([
            x,
            kernel,
          ]),
        ),
      );
      for (const [i, tensor] of (actual ?? []).entries()) expectClose(tensor, expected?.[i]);
    }
  },
);

/** To bfloat16: the upper half of float32. */
function rounded(tensor: tf.Tensor): tf.Tensor {
  const bits = new Int32Array(tensor.dataSync<'float32'>().slice().buffer);
  for (const [i, value] of bits.entries()) bits[i] = value & ~0xffff;
  return tf.tensor(new Float32Array(bits.buffer), tensor.shape);
}

function flatten({ value, grads }: { value: tf.Tensor; grads: tf.Tensor[] }): tf.Tensor[] {
  return [value, ...grads];
}

/** Sums of up to a few thousand products in another order. */
function expectClose(actual: tf.Tensor | undefined, expected: tf.Tensor | undefined): void {
  const [a, b] = [actual, expected] as [tf.Tensor, tf.Tensor];
  const difference = tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number;
  expect(difference).toBeLessThan(1e-5 * (1 + (tf.max(tf.abs(b)).dataSync()[0] as number)));
}
