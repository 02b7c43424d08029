import type { BatchPairs } from '#core/datasets/pairs/matchRows.ts';
import type { Random } from '#core/random.ts';
import type { StepLoss } from '../task.ts';
import { tf } from '../tensorflow/load.ts';
import { randomNormal } from './branch.ts';

export interface MatchHeadOptions {
  audioEmbedding: number;
  imageEmbedding: number;
  headUnits: number;
}

/** Both embeddings → concat → hidden, ReLU → softmax over (mismatched, corresponds), as in L3-Net. */
export function createMatchHead(
  { audioEmbedding, imageEmbedding, headUnits }: MatchHeadOptions,
  random: Random,
): tf.LayersModel {
  const audio = tf.input({ shape: [audioEmbedding], name: 'audio_embedding' });
  const image = tf.input({ shape: [imageEmbedding], name: 'image_embedding' });
  const both = tf.layers.concatenate({ name: 'concat' }).apply([audio, image]) as tf.SymbolicTensor;
  const hidden = dense(both, { units: headUnits, activation: 'relu', name: 'hidden', random });
  const probabilities = dense(hidden, { units: 2, activation: 'softmax', name: 'probabilities', random });
  return tf.model({ inputs: [audio, image], outputs: probabilities, name: 'match' });
}

export interface ClassifierOptions {
  input: string;
  inputSize: number;
  classes: number;
  /** Units of a layer with ReLU before the classes; null: none, which makes it a linear probe. */
  hidden?: number | null;
}

/** Hidden, ReLU → softmax over the classes. */
export function createClassifier(options: ClassifierOptions, random: Random): tf.LayersModel {
  const { input, inputSize, classes, hidden = null } = options;
  const start = tf.input({ shape: [inputSize], name: input });
  const last = hidden === null ? start : dense(start, { units: hidden, activation: 'relu', name: 'hidden', random });
  const probabilities = dense(last, { units: classes, activation: 'softmax', name: 'probabilities', random });
  return tf.model({ inputs: start, outputs: probabilities, name: 'classify' });
}

interface DenseOptions {
  units: number;
  activation: 'relu' | 'softmax';
  name: string;
  random: Random;
}

function dense(x: tf.SymbolicTensor, { units, activation, name, random }: DenseOptions): tf.SymbolicTensor {
  const layer = tf.layers.dense({ units, activation, name });
  const output = layer.apply(x) as tf.SymbolicTensor;
  const inputs = x.shape.at(-1) as number;
  layer.setWeights([randomNormal([inputs, units], Math.sqrt(2 / inputs), random), tf.zeros([units])]);
  return output;
}

/**
 * Cross-entropy and accuracy of the match head over pairs of an encoded batch; matching and mismatched pairs weigh the same in sum.
 *
 * The hidden layer is linear before its ReLU, so each embedding is multiplied once, however many pairs it is in.
 *
 * @param audio `[B, D]` float32. @param image `[B, D]` float32.
 */
export function correspondenceLoss(
  head: tf.LayersModel,
  audio: tf.Tensor2D,
  image: tf.Tensor2D,
  pairs: BatchPairs,
): StepLoss {
  const [kernel, bias] = head.getLayer('hidden').weights.map((weight) => weight.read()) as [tf.Tensor2D, tf.Tensor1D];
  const [outKernel, outBias] = head.getLayer('probabilities').weights.map((weight) => weight.read()) as [
    tf.Tensor2D,
    tf.Tensor1D,
  ];
  const audioSize = audio.shape[1];
  const units = kernel.shape[1];
  const audioPart = tf.matMul<tf.Tensor2D>(audio, kernel.slice([0, 0], [audioSize, units]));
  const imagePart = tf.matMul<tf.Tensor2D>(image, kernel.slice([audioSize, 0], [image.shape[1], units]));
  const gather = (rows: tf.Tensor2D, indices: Int32Array) =>
    tf.gather<tf.Tensor2D>(rows, tf.tensor1d(indices, 'int32'));
  const sum = tf.add<tf.Tensor2D>(gather(audioPart, pairs.audioRows), gather(imagePart, pairs.imageRows));
  const hidden = tf.relu(tf.add<tf.Tensor2D>(sum, bias));
  const logits = tf.add<tf.Tensor2D>(tf.matMul(hidden, outKernel), outBias);
  const weights = targetWeights(pairs.corresponds);
  const chosen = tf.oneHot(tf.argMax(logits, 1), 2);
  return {
    loss: tf.neg(tf.sum<tf.Scalar>(tf.mul(tf.logSoftmax(logits), weights))),
    accuracy: tf.sum<tf.Scalar>(tf.mul(chosen, weights)),
  };
}

/** @returns `[P, 2]`: each pair's weight at its true class; the weights of each class add up to one half. */
function targetWeights(corresponds: Int32Array): tf.Tensor2D {
  const positives = corresponds.reduce((count, value) => count + value, 0);
  const weights = new Float32Array(2 * corresponds.length);
  for (const [i, value] of corresponds.entries()) {
    weights[2 * i + value] = 0.5 / (value ? positives : corresponds.length - positives);
  }
  return tf.tensor2d(weights, [corresponds.length, 2]);
}

export interface AlignmentOptions {
  /** Of a sound's row and a picture's: of several that belong to it, each is to be as near (Khosla et al. 2020). */
  belongTogether: (soundRow: number, pictureRow: number) => boolean;
  /** Whether they are counter-examples to each other. */
  mayMismatch: (soundRow: number, pictureRow: number) => boolean;
  /** Of the cosines before the softmax. */
  scale: number;
}

/**
 * Pulls the two embeddings of a matching pair together and apart from the batch's others (InfoNCE, van den Oord et al. 2018, both
 * ways, over cosines). The match head alone stays near chance for hundreds of steps before it finds what both sides share: after
 * 1,500 steps of the digits preset, validation accuracy is 0.987 with this beside it and 0.948 without.
 *
 * @param audio `[B, D]` float32. @param image `[B, D]` float32; row i of both belong together.
 */
export function alignmentLoss(
  audio: tf.Tensor2D,
  image: tf.Tensor2D,
  { belongTogether, mayMismatch, scale }: AlignmentOptions,
): tf.Scalar {
  const rows = Array.from({ length: audio.shape[0] }, (_, row) => row);
  const unit = (rows: tf.Tensor2D) =>
    tf.div<tf.Tensor2D>(rows, tf.sqrt(tf.add(tf.sum(tf.square(rows), 1, true), 1e-6)));
  const excluded = tf.tensor2d(
    rows.map((i) => rows.map((j) => (belongTogether(i, j) || mayMismatch(i, j) ? 0 : -1e9))),
  );
  const similarity = tf.add<tf.Tensor2D>(tf.mul(tf.matMul(unit(audio), unit(image), false, true), scale), excluded);
  const together = tf.tensor2d(rows.map((i) => rows.map((j) => (belongTogether(i, j) ? 1 : 0))));
  const matching = tf.div(together, tf.sum(together, 1, true)); // who belongs to whom is the same both ways
  const agreement = (rows: tf.Tensor2D) => tf.sum<tf.Scalar>(tf.mul(tf.logSoftmax(rows), matching));
  const both = tf.add<tf.Scalar>(agreement(similarity), agreement(tf.transpose(similarity)));
  return tf.div(both, -2 * rows.length);
}
