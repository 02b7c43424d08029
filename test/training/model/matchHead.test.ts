import { expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { createClassifier } from '../../../training/model/heads.ts';
import { correspondenceLoss, createMatchHead } from '../../../training/model/matchHead.ts';
import { setTopics, topicsOf } from '../../../training/model/topics.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const pairs = {
  audioRows: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3),
  imageRows: Int32Array.of(0, 1, 2, 3, 3, 0, 1, 2),
  corresponds: Int32Array.of(1, 1, 1, 1, 0, 0, 0, 0),
};
const rowsOf = (rows: tf.Tensor2D, places: Int32Array) => tf.gather(rows, tf.tensor1d(places, 'int32'));

test.each(['hidden', 'topics', 'canonical'] as const)(
  'loss and gradients of pairs are those of the saved head in tfjs: %s',
  (kind) => {
    const random = new Random(4);
    const head = createMatchHead({ kind, audioEmbedding: 5, imageEmbedding: 6, units: 7 }, random);
    const [audio, image] = [
      randomNormal([4, 5], 1, random) as tf.Tensor2D,
      randomNormal([4, 6], 1, random) as tf.Tensor2D,
    ];
    const variables = head.trainableWeights.map((weight) => weight.read() as tf.Variable);
    const own = tf.variableGrads(() => correspondenceLoss(head, audio, image, pairs).loss, variables);
    const stock = tf.variableGrads(() => {
      const given = [rowsOf(audio, pairs.audioRows), rowsOf(image, pairs.imageRows)];
      const targets = tf.oneHot(tf.tensor1d(pairs.corresponds, 'int32'), 2);
      return tf.mean<tf.Scalar>(tf.metrics.categoricalCrossentropy(targets, head.apply(given) as tf.Tensor));
    }, variables);
    expect(own.value.dataSync()[0]).toBeCloseTo(stock.value.dataSync()[0] as number, 5);
    for (const { name } of variables) {
      const difference = tf.max(tf.abs(tf.sub(own.grads[name] as tf.Tensor, stock.grads[name] as tf.Tensor)));
      expect(difference.dataSync()[0], name).toBeLessThan(1e-5);
    }
  },
);

test('with classifiers as topics a pair is the likelier the more probable its likeliest common category', () => {
  const random = new Random(5);
  const classifier = (input: 'audio_embedding' | 'image_embedding', inputSize: number, labels: string[]) => ({
    name: input,
    input,
    labels,
    model: createClassifier({ input, inputSize, classes: labels.length }, random),
  });
  const audio = classifier('audio_embedding', 5, ['dog', 'rain', 'crow']);
  const image = classifier('image_embedding', 6, ['rain', 'dog', 'boat', 'cat']);
  const topics = topicsOf([audio, image]);
  expect(topics?.labels).toEqual(['dog', 'rain', 'crow', 'boat', 'cat']);
  const head = createMatchHead({ kind: 'topics', audioEmbedding: 5, imageEmbedding: 6, units: 5 }, random);
  setTopics(head, topics as NonNullable<typeof topics>);

  const [sounds, pictures] = [randomNormal([40, 5], 1, random), randomNormal([40, 6], 1, random)];
  const rows = (x: tf.Tensor) => x.arraySync() as number[][];
  const heard = rows(audio.model.predict(sounds) as tf.Tensor);
  const seen = rows(image.model.predict(pictures) as tf.Tensor);
  const scores = rows(head.predict([sounds, pictures]) as tf.Tensor).map(([, corresponds]) => corresponds as number);
  for (const [i, score] of scores.entries()) {
    const [dog, rain] = [0, 1].map((place) => heard[i]?.[place] as number) as [number, number];
    const common = Math.max(dog * (seen[i]?.[1] as number), rain * (seen[i]?.[0] as number));
    expect(score).toBeCloseTo((10 * common) / (1 + 10 * common), 5); // together from a chance of a tenth on
  }
});

test('a classifier with a hidden layer brings no topics', () => {
  const random = new Random(6);
  const of = (input: 'audio_embedding' | 'image_embedding', hidden: number | null) => ({
    name: input,
    input,
    labels: ['dog', 'rain'],
    model: createClassifier({ input, inputSize: 4, classes: 2, hidden }, random),
  });
  expect(topicsOf([of('audio_embedding', null), of('image_embedding', 3)])).toBeNull();
});

test('an embedding of zeros, which has no direction, is at a cosine of 0 from all: in learning as in the saved head', () => {
  const head = createMatchHead({ kind: 'canonical', audioEmbedding: 2, imageEmbedding: 2, units: 3 }, new Random(7));
  const audio = tf.tensor2d([0, 0, 1, 2], [2, 2]);
  const image = tf.tensor2d([1, -1, 2, 1], [2, 2]);
  const two = { audioRows: Int32Array.of(0, 0), imageRows: Int32Array.of(0, 1), corresponds: Int32Array.of(1, 0) };
  const { value, grads } = tf.variableGrads(() => correspondenceLoss(head, audio, image, two).loss);
  expect(value.dataSync()[0]).toBeCloseTo(Math.log(2), 6);
  for (const [name, gradient] of Object.entries(grads)) {
    expect(gradient.dataSync().every(Number.isFinite), name).toBe(true);
  }
  const [[mismatched, corresponds] = []] = (head.predict([audio, image]) as tf.Tensor2D).arraySync();
  expect([mismatched, corresponds]).toEqual([0.5, 0.5]);
});
