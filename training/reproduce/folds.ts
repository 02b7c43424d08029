import { type ClassificationMetrics, classificationMetrics } from '#core/metrics.ts';
import { type Example, openLabelledDataset } from '../classify/examples.ts';
import { classifiedItems } from '../classify/judge.ts';
import type { Value } from './experiment.ts';

/** The official folds of ESC-50. */
export const folds = [1, 2, 3, 4, 5];

export type FoldAccuracy = Pick<ClassificationMetrics, 'accuracy' | 'accuracyLow' | 'accuracyHigh'>;

export interface Fold {
  train: Example[];
  test: Example[];
  classes: number;
}

/**
 * Judges on each fold what was learnt from the others.
 *
 * @param folder of a prepared dataset with folds.
 * @param predict probabilities `[classes]` of each test example.
 */
export async function overFolds(
  folder: string,
  predict: (fold: Fold) => Promise<Float32Array[]> | Float32Array[],
): Promise<Value[]> {
  const accuracies: FoldAccuracy[] = [];
  for (const testFold of folds) {
    const dataset = await openLabelledDataset({ folder, testFold, validationFold: null, sense: 'audio' });
    const { train, test, labels } = dataset;
    const probabilities = await predict({ train, test, classes: labels.length });
    accuracies.push(classificationMetrics(probabilities, classifiedItems(test)));
  }
  return foldValues(accuracies);
}

/**
 * The mean of the folds, which are independent of each other; its interval is made of theirs (Zou and Donner 2008: the distances to their
 * ends add up as deviations do).
 */
export function foldValues(accuracies: FoldAccuracy[]): Value[] {
  const count = accuracies.length;
  const mean = accuracies.reduce((sum, { accuracy }) => sum + accuracy, 0) / count;
  const distance = (end: 'accuracyLow' | 'accuracyHigh') =>
    Math.hypot(...accuracies.map((fold) => fold[end] - fold.accuracy)) / count;
  return [
    { name: 'accuracy', value: mean, low: mean - distance('accuracyLow'), high: mean + distance('accuracyHigh') },
    ...accuracies.map(({ accuracy }, i) => ({ name: `fold ${folds[i]}`, value: accuracy, low: null, high: null })),
  ];
}
