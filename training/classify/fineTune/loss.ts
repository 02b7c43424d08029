import type { StepLoss } from '../../task.ts';
import { tf } from '../../tensorflow/load.ts';
import type { Mix } from './mixup.ts';

export interface TargetOptions {
  /** Of each row; null: not told. */
  categories: (number | null)[];
  classes: number;
  labelSmoothing: number;
  mix: Mix;
}

/** @returns `[B, classes]`: what the probabilities should be; each row adds up to 1, or to the share of it whose category is told. */
export function softTargets({ categories, classes, labelSmoothing, mix }: TargetOptions): tf.Tensor2D {
  const targets = new Float32Array(categories.length * classes);
  const add = (row: number, category: number | null, share: number) => {
    if (category === null) return;
    const own = targets.subarray(row * classes, (row + 1) * classes);
    for (const [i, value] of own.entries()) own[i] = value + (labelSmoothing / classes) * share;
    own[category] = (own[category] as number) + (1 - labelSmoothing) * share;
  };
  for (const [row, category] of categories.entries()) {
    const share = mix.shares[row] as number;
    add(row, category, share);
    add(row, categories[mix.partners[row] as number] as number | null, 1 - share);
  }
  return tf.tensor2d(targets, [categories.length, classes]);
}

/**
 * What is added to the logits while learning, so that the logits alone are right for classes that come equally often: τ · log(share of
 * the class), Menon et al. 2021, "Long-tail learning via logit adjustment", equation 10.
 *
 * @param categories of all examples to learn from. @param strength τ; 0: nothing is added. @returns `[classes]`.
 */
export function logitOffsets(categories: number[], classes: number, strength: number): Float32Array {
  const counts = new Float32Array(classes).fill(1); // a class without an example gets one: its share has a logarithm
  for (const category of categories) counts[category] = (counts[category] as number) + 1;
  return counts.map((count) => strength * Math.log(count / (categories.length + classes)));
}

/**
 * Softmax cross-entropy in a training step, and the share of rows whose likeliest class is the one their target has most of, among
 * those that have a target.
 *
 * @param classifier as `createClassifier` makes it. @param embedding `[B, D]`. @param targets `[B, classes]`.
 * @param offsets `[classes]`, as `logitOffsets` makes them.
 */
export function classifierLoss(
  classifier: tf.LayersModel,
  embedding: tf.Tensor2D,
  targets: tf.Tensor2D,
  offsets: Float32Array,
): StepLoss {
  const logits = tf.add<tf.Tensor2D>(logitsOf(classifier, embedding), tf.tensor1d(offsets));
  const isRight = tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(targets, 1)), 'float32');
  const isTold = tf.cast(tf.greater(tf.sum(targets, 1), 0), 'float32');
  return {
    loss: tf.neg(tf.mean<tf.Scalar>(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))),
    accuracy: tf.divNoNan<tf.Scalar>(tf.sum(tf.mul(isRight, isTold)), tf.sum(isTold)),
  };
}

/** What the last layer's softmax is taken of. */
function logitsOf(classifier: tf.LayersModel, embedding: tf.Tensor2D): tf.Tensor2D {
  const dense = classifier.layers.filter((layer) => layer.getClassName() === 'Dense');
  return dense.reduce<tf.Tensor2D>((x, layer) => {
    const [kernel, bias] = layer.weights.map((weight) => weight.read()) as [tf.Tensor2D, tf.Tensor1D];
    const sum = tf.add<tf.Tensor2D>(tf.matMul(x, kernel), bias);
    return layer === dense.at(-1) ? sum : tf.relu(sum);
  }, embedding);
}
