import { batchNormRelu } from '../ops/batchNormRelu.ts';
import { conv3x3, type Precision } from '../ops/conv3x3.ts';
import { tf } from '../tensorflow/load.ts';

export interface TrainBranchOptions {
  /** Share of the moving statistics kept from batch to batch. */
  batchNormMomentum: number;
  /** Of the convolutions. */
  precision: Precision;
}

/**
 * The branch in a training step: the same layers as `branch.predict`, by operators with fast gradients.
 *
 * @param branch as `createBranch` makes it.
 * @param input `[B, rows, columns, channels]` float32.
 * @returns the embedding `[B, D]`.
 */
export function trainBranch(branch: tf.LayersModel, input: tf.Tensor4D, options: TrainBranchOptions): tf.Tensor2D {
  let x = input;
  const path = pathTo(branch.getLayer('embedding'));
  for (const [i, layer] of path.entries()) {
    const weights = layer.weights.map((weight) => weight.read() as tf.Variable);
    switch (layer.getClassName()) {
      case 'InputLayer':
      case 'ReLU': // this and the pool are done by the batch normalisation before it
      case 'MaxPooling2D':
        break;
      case 'Conv2D': {
        const [stride] = layer.getConfig().strides as [number];
        x = conv3x3(x, weights[0] as unknown as tf.Tensor4D, {
          stride,
          isFirst: x === input,
          precision: options.precision,
        });
        break;
      }
      case 'BatchNormalization': {
        const [gamma, beta, movingMean, movingVariance] = weights as [
          tf.Variable,
          tf.Variable,
          tf.Variable,
          tf.Variable,
        ];
        const epsilon = layer.getConfig().epsilon as number;
        x = batchNormRelu(
          x,
          { gamma, beta, movingMean, movingVariance, epsilon },
          { momentum: options.batchNormMomentum, pool: path[i + 2]?.getClassName() === 'MaxPooling2D' },
        );
        break;
      }
      case 'GlobalMaxPooling2D':
        return tf.max(x, [1, 2]);
      case 'GlobalAveragePooling2D':
        return tf.mean(x, [1, 2]);
      default:
        throw new Error(`trainBranch has no operator for the layer ${layer.name} (${layer.getClassName()}).`);
    }
  }
  throw new Error('Expected a branch that ends in an embedding.');
}

/** The layers from the input to this one; those that only make the features are not among them. */
function pathTo(layer: tf.layers.Layer): tf.layers.Layer[] {
  const before = layer.inboundNodes[0]?.inboundLayers[0];
  return before ? [...pathTo(before), layer] : [layer];
}
