import { type ClassificationMetrics, type ClassifiedItem, classificationMetrics, overWindows } from '#core/metrics.ts';
import { stackRows, unstackRows } from '../encode.ts';
import { tf } from '../tensorflow/load.ts';
import type { Example } from './examples.ts';

/** What a classifier reads of every window of some examples. */
export interface WindowRows {
  rows: Float32Array[];
  /** The example of each window: a position. */
  owners: number[];
}

/** @returns the probabilities `[classes]` of each example, over all of its windows. */
export function classifyExamples(classifier: tf.LayersModel, { rows, owners }: WindowRows): Float32Array[] {
  const probabilities = tf.tidy(() => unstackRows(classifier.predict(stackRows(rows)) as tf.Tensor2D));
  const windowsOf: Float32Array[][] = [];
  for (const [i, owner] of owners.entries()) {
    windowsOf[owner] ??= [];
    windowsOf[owner].push(probabilities[i] as Float32Array);
  }
  return windowsOf.map(overWindows);
}

export function judgeExamples(
  classifier: tf.LayersModel,
  examples: Example[],
  windows: WindowRows,
): ClassificationMetrics {
  return classificationMetrics(classifyExamples(classifier, windows), classifiedItems(examples));
}

export function categoriesOf(examples: Example[]): number[] {
  return examples.map(({ category }) => category);
}

export function classifiedItems(examples: Example[]): ClassifiedItem[] {
  return examples.map(({ category, line }) => ({ category, source: line.clip.source }));
}
