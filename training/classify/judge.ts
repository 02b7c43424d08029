import { type ClassificationMetrics, classificationMetrics, overWindows } from '#core/metrics.ts';
import { stackRows, unstackRows } from '../encode.ts';
import { tf } from '../tensorflow/load.ts';
import type { Example } from './examples.ts';

/**
 * Classifies every window of each example, and each example by all of its windows.
 *
 * @param rows of each window, what the classifier reads.
 * @param owners of each window, its example: a position.
 */
export function judgeExamples(
  classifier: tf.LayersModel,
  examples: Example[],
  { rows, owners }: { rows: Float32Array[]; owners: number[] },
): ClassificationMetrics {
  const probabilities = tf.tidy(() => unstackRows(classifier.predict(stackRows(rows)) as tf.Tensor2D));
  const windowsOf = examples.map((): Float32Array[] => []);
  for (const [i, owner] of owners.entries()) windowsOf[owner]?.push(probabilities[i] as Float32Array);
  return classificationMetrics(
    windowsOf.map(overWindows),
    examples.map(({ category }) => category),
  );
}
