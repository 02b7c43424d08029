import { classificationMetrics, shareInterval } from '#core/metrics.ts';
import { type Example, openLabelledDataset } from '../classify/examples.ts';
import { categoriesOf } from '../classify/judge.ts';
import type { Value } from './experiment.ts';

/** The official folds of ESC-50. */
export const folds = [1, 2, 3, 4, 5];

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
  const accuracies: number[] = [];
  let items = 0;
  for (const testFold of folds) {
    const dataset = await openLabelledDataset({ folder, testFold, validationFold: null, sense: 'audio' });
    const { train, test, labels } = dataset;
    const probabilities = await predict({ train, test, classes: labels.length });
    accuracies.push(classificationMetrics(probabilities, categoriesOf(test)).accuracy);
    items += test.length;
  }
  return foldValues(accuracies, items);
}

/** @param items of all folds, each judged once. */
export function foldValues(accuracies: number[], items: number): Value[] {
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  const [low, high] = shareInterval(mean, items);
  return [
    { name: 'accuracy', value: mean, low, high },
    ...accuracies.map((value, i) => ({ name: `fold ${folds[i]}`, value, low: null, high: null })),
  ];
}
