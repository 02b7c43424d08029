import type { ImageFrontend } from '#core/config.ts';
import type { RowEncoder } from '../classify/encoder.ts';
import { unstackRows } from '../encode.ts';
import { scaleBytes } from '../ops/scaleBytes.ts';
import { tf } from '../tensorflow/load.ts';
import type { Weights } from './torchFile.ts';

/** Of the sixteen blocks (Tan & Le 2019, *EfficientNet*; Lite: no squeeze-and-excitation, ReLU6). */
const strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1];
const epsilon = 1e-3;

/** The scale is that of its training, and so is the size. */
export const efficientNetLite0Image: ImageFrontend = {
  width: 224,
  height: 224,
  shortSide: 224,
  scale: 1 / 128,
  offset: -127 / 128,
};

/** The numbers that it gives for a picture. */
export const efficientNetLite0Features = 320;

/** A convolution with the batch normalisation behind it. */
interface Convolution {
  /** `[h, w, in, out]`; of one that keeps channels apart `[h, w, channels, 1]`. */
  kernel: tf.Tensor4D;
  bias: tf.Tensor1D;
}

interface Block {
  /** null: the first does not widen. */
  expand: Convolution | null;
  depthwise: Convolution;
  project: Convolution;
  stride: number;
}

/**
 * EfficientNet-Lite0 up to its last block, whose mean over the picture is what it gives.
 *
 * @param weights by the names of `efficientnet_lite_pytorch`.
 * @returns from pixels `[B, H, W, 3]`, scaled as {@link efficientNetLite0Image} says, to `[B, 320]`.
 * @throws {Error} where weights are missing.
 */
export function efficientNetLite0(weights: Map<string, Weights>): (pixels: tf.Tensor4D) => tf.Tensor2D {
  const stem = convolution(weights, '_conv_stem', '_bn0');
  const blocks = strides.map((stride, i): Block => {
    const of = (name: string, normalisation: string, isDepthwise = false) =>
      convolution(weights, `_blocks.${i}.${name}`, `_blocks.${i}.${normalisation}`, isDepthwise);
    return {
      expand: weights.has(`_blocks.${i}._expand_conv.weight`) ? of('_expand_conv', '_bn0') : null,
      depthwise: of('_depthwise_conv', '_bn1', true),
      project: of('_project_conv', '_bn2'),
      stride,
    };
  });
  return (pixels) =>
    tf.tidy(() => {
      const first = tf.relu6(convolve(pixels, stem, 2));
      return tf.mean<tf.Tensor2D>(blocks.reduce(throughBlock, first), [1, 2]);
    });
}

function throughBlock(input: tf.Tensor4D, { expand, depthwise, project, stride }: Block): tf.Tensor4D {
  const wide = expand ? tf.relu6(convolve(input, expand, 1)) : input;
  const seen = tf.relu6(
    tf.add(tf.depthwiseConv2d(wide, depthwise.kernel, stride, 'same'), depthwise.bias),
  ) as tf.Tensor4D;
  const narrow = convolve(seen, project, 1);
  return stride === 1 && narrow.shape[3] === input.shape[3] ? tf.add(narrow, input) : narrow;
}

function convolve(input: tf.Tensor4D, { kernel, bias }: Convolution, stride: number): tf.Tensor4D {
  return tf.add(tf.conv2d(input, kernel, stride, 'same'), bias);
}

function convolution(
  weights: Map<string, Weights>,
  name: string,
  normalisation: string,
  isDepthwise = false,
): Convolution {
  const of = (part: string) => {
    const found = weights.get(part);
    if (!found) throw new Error(`Expected weights of EfficientNet-Lite0 but there is no ${part}.`);
    return tf.tensor(found.values, found.shape);
  };
  return tf.tidy(() => {
    const [scale, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      of(`${normalisation}.${part}`),
    ) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    const factor = tf.div<tf.Tensor1D>(scale, tf.sqrt(tf.add(variance, epsilon)));
    const kernel = tf.mul(of(`${name}.weight`), factor.reshape([-1, 1, 1, 1])) as tf.Tensor4D; // [out, in, h, w]
    return {
      kernel: tf.transpose(kernel, isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]),
      bias: tf.sub<tf.Tensor1D>(shift, tf.mul(mean, factor)),
    };
  });
}

const picturesAtOnce = 8; // 8 MB each at most on the way

/** @param network as {@link efficientNetLite0} makes it. @param image of the pictures that it is given. */
export function efficientNetLite0Encoder(
  network: ReturnType<typeof efficientNetLite0>,
  { width, height, scale, offset }: ImageFrontend = efficientNetLite0Image,
): Pick<RowEncoder, 'encode'> {
  const encodeSome = (pictures: Uint8Array[]) =>
    tf.tidy(() => {
      const bytes = new Uint8Array(pictures.length * height * width * 3);
      for (const [i, picture] of pictures.entries()) bytes.set(picture, i * height * width * 3);
      return unstackRows(network(scaleBytes(bytes, { scale, offset }).reshape([-1, height, width, 3])));
    });
  return {
    encode(pictures) {
      const embeddings: Float32Array[] = [];
      for (let first = 0; first < pictures.length; first += picturesAtOnce)
        embeddings.push(...encodeSome(pictures.slice(first, first + picturesAtOnce) as Uint8Array[]));
      return { embeddings, features: [] };
    },
  };
}
