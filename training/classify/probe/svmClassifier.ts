import { Random } from '#core/random.ts';
import { createClassifier } from '../../model/heads.ts';
import { tf } from '../../tensorflow/load.ts';
import { fitLinearSvm } from './linearSvm.ts';
import { standardised, type ZScore, zScoreOf } from './zScore.ts';

export interface SvmClassifierOptions {
  /** Of the model's input. */
  input: string;
  /** Of each row, below `classes`. */
  categories: number[];
  classes: number;
  costs: number[];
}

/**
 * Z-score and one linear SVM a class against all others, as one dense layer with softmax: its log-probabilities differ as the SVMs'
 * scores do.
 *
 * @param rows `[D]` each.
 * @returns a classifier for each cost, in their order, each fitted when it is asked for.
 */
export function* svmClassifiers(
  rows: Float32Array[],
  { input, categories, classes, costs }: SvmClassifierOptions,
): Generator<{ cost: number; model: tf.LayersModel }> {
  const zScore = zScoreOf(rows);
  const x = standardised(rows, zScore);
  try {
    for (const cost of costs) {
      const weights = fitLinearSvm(x, { categories, classes, cost });
      const model = createClassifier({ input, inputSize: zScore.mean.length, classes }, new Random(0));
      const [kernel, bias] = foldZScore(weights, zScore);
      model.setWeights([kernel, bias]);
      tf.dispose([weights, kernel, bias]);
      yield { cost, model };
    }
  } finally {
    x.dispose();
  }
}

/** @param weights `[D + 1, classes]` of standardised features. @returns kernel `[D, classes]` and bias `[classes]` of plain ones. */
function foldZScore(weights: tf.Tensor2D, { mean, deviation }: ZScore): [kernel: tf.Tensor2D, bias: tf.Tensor1D] {
  const size = mean.length;
  const classes = weights.shape[1];
  const values = weights.dataSync<'float32'>();
  const kernel = new Float32Array(size * classes);
  const bias = Float64Array.from(values.subarray(size * classes));
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < classes; k++) {
      const plain = (values[i * classes + k] as number) / (deviation[i] as number);
      kernel[i * classes + k] = plain;
      bias[k] = (bias[k] as number) - plain * (mean[i] as number);
    }
  }
  return [tf.tensor2d(kernel, [size, classes]), tf.tensor1d(Float32Array.from(bias))];
}
