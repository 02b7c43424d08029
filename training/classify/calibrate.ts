import { tf } from '../tensorflow/load.ts';
import { sharpness } from './temperature.ts';

/**
 * Temperature scaling (Guo et al. 2017), put into the classifier's last layer.
 *
 * @param probabilities that the classifier gives examples it has not learnt from, `[classes]` each.
 * @param categories of each.
 */
export function calibrateClassifier(
  classifier: tf.LayersModel,
  probabilities: Float32Array[],
  categories: number[],
): void {
  sharpen(classifier, sharpness({ scores: logsOf(probabilities), categories }));
}

/** A probability that float32 rounds to 0 counts as its smallest normal number. */
export function logsOf(probabilities: Float32Array[]): Float32Array[] {
  return probabilities.map((row) => row.map((probability) => Math.log(Math.max(probability, 2 ** -126))));
}

/** Makes the differences between a classifier's log-probabilities so many times larger. */
export function sharpen(classifier: tf.LayersModel, factor: number): void {
  const last = classifier.layers.at(-1) as tf.layers.Layer;
  tf.tidy(() => last.setWeights(last.getWeights().map((weight) => tf.mul(weight, factor))));
}
