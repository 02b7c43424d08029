import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { classifierLoss, logitOffsets, softTargets } from '../../../../training/classify/fineTune/loss.ts';
import { drawMix } from '../../../../training/classify/fineTune/mixup.ts';
import { randomNormal } from '../../../../training/model/branch.ts';
import { createClassifier } from '../../../../training/model/heads.ts';
import { tf } from '../../../../training/tensorflow/load.ts';

test.each([null, 5])(
  'loss and gradients are those of the saved classifier’s cross-entropy in stock tfjs (hidden: %s)',
  (hidden) => {
    const random = new Random(2);
    const classifier = createClassifier({ input: 'audio_embedding', inputSize: 7, classes: 4, hidden }, random);
    const embedding = randomNormal([6, 7], 1, random) as tf.Tensor2D;
    const categories = [0, 1, 2, 3, 0, 1];
    const targets = softTargets({ categories, classes: 4, labelSmoothing: 0.1, mix: drawMix(6, 0.4, random) });
    const offsets = logitOffsets(categories, 4, 0);
    const variables = classifier.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const own = tf.variableGrads(() => classifierLoss(classifier, embedding, targets, offsets).loss, variables);
    const stock = tf.variableGrads(
      () => tf.mean<tf.Scalar>(tf.metrics.categoricalCrossentropy(targets, classifier.apply(embedding) as tf.Tensor)),
      variables,
    );
    expect(own.value.dataSync()[0]).toBeCloseTo(stock.value.dataSync()[0] as number, 5);
    for (const { name } of variables) {
      const difference = tf.max(tf.abs(tf.sub(own.grads[name] as tf.Tensor, stock.grads[name] as tf.Tensor)));
      expect(difference.dataSync()[0]).toBeLessThan(1e-5);
    }
    const chosen = tf.argMax(classifier.predict(embedding) as tf.Tensor, 1).dataSync();
    const wanted = tf.argMax(targets, 1).dataSync();
    const right = chosen.filter((category, row) => category === wanted[row]).length;
    expect(classifierLoss(classifier, embedding, targets, offsets).accuracy.dataSync()[0]).toBeCloseTo(right / 6, 6);
  },
);

test('adjusted, a classifier that can tell nothing ends without a favourite; else with the most frequent class', () => {
  const categories = [0, 0, 0, 0, 0, 0, 1, 1, 2];
  const random = new Random(3);
  const [strengths, classes] = [[0, 1], 3];
  const targets = softTargets({ categories, classes, labelSmoothing: 0, mix: drawMix(9, 0, random) });
  const embedding = tf.zeros<tf.Rank.R2>([9, 2]);
  const [plain, adjusted] = strengths.map((strength) => {
    const shape = { input: 'image_embedding', inputSize: 2, classes, hidden: null } as const;
    const classifier = createClassifier(shape, random);
    const offsets = logitOffsets(categories, classes, strength);
    const optimizer = tf.train.sgd(2);
    for (let step = 0; step < 300; step++)
      optimizer.minimize(() => classifierLoss(classifier, embedding, targets, offsets).loss);
    return Array.from((classifier.predict(embedding) as tf.Tensor2D).dataSync().slice(0, classes));
  }) as [number[], number[]];
  // 7, 3 and 2 of 12: each class is counted once more than it comes.
  for (const [i, share] of [6 / 9, 2 / 9, 1 / 9].entries()) expect(plain[i]).toBeCloseTo(share, 2);
  const wanted = [6 / 7, 2 / 3, 1 / 2];
  const sum = wanted.reduce((total, value) => total + value, 0);
  for (const [i, value] of wanted.entries()) expect(adjusted[i]).toBeCloseTo(value / sum, 2);
});
