import type { ModelConfig } from '#core/config.ts';
import type { BatchPairs } from '#core/datasets/pairs/matchRows.ts';
import type { Random } from '#core/random.ts';
import type { StepLoss } from '../task.ts';
import { tf } from '../tensorflow/load.ts';
import { dense } from './heads.ts';

export interface MatchHeadOptions {
  kind: ModelConfig['matchHead'];
  audioEmbedding: number;
  imageEmbedding: number;
  /** Hidden units, topics, or canonical variables. */
  units: number;
}

/**
 * Both embeddings → softmax over (mismatched, corresponds).
 *
 * `hidden`: concat → hidden, ReLU → softmax, as in L3-Net. `topics`: what each side is about, as a distribution over topics; then the
 * probability that both are about the same one, by its largest term in the logarithm: max over topics of log P(topic | sound) +
 * log P(topic | picture). `canonical`: the cosine between a linear projection of each.
 */
export function createMatchHead(options: MatchHeadOptions, random: Random): tf.LayersModel {
  const audio = tf.input({ shape: [options.audioEmbedding], name: 'audio_embedding' });
  const image = tf.input({ shape: [options.imageEmbedding], name: 'image_embedding' });
  const together = { hidden, topics: sharedTopic, canonical: correlation }[options.kind];
  const probabilities = dense(together(audio, image, { ...options, random }), {
    units: 2,
    activation: 'softmax',
    name: 'probabilities',
    random,
  });
  const model = tf.model({ inputs: [audio, image], outputs: probabilities, name: 'match' });
  if (options.kind === 'topics') model.getLayer('probabilities').setWeights(likelierTogether());
  if (options.kind === 'canonical') model.getLayer('probabilities').setWeights(steepCosine());
  return model;
}

type Join = (
  audio: tf.SymbolicTensor,
  image: tf.SymbolicTensor,
  options: { units: number; random: Random },
) => tf.SymbolicTensor;

const hidden: Join = (audio, image, { units, random }) => {
  const both = tf.layers.concatenate({ name: 'concat' }).apply([audio, image]) as tf.SymbolicTensor;
  return dense(both, { units, activation: 'relu', name: 'hidden', random });
};

const sharedTopic: Join = (audio, image, { units, random }) => {
  const topics = [
    dense(audio, { units, activation: 'logSoftmax', name: 'audio_topics', random }),
    dense(image, { units, activation: 'logSoftmax', name: 'image_topics', random }),
  ];
  const both = tf.layers.add({ name: 'both' }).apply(topics) as tf.SymbolicTensor;
  const column = tf.layers.reshape({ targetShape: [units, 1], name: 'topics' }).apply(both) as tf.SymbolicTensor;
  return tf.layers.globalMaxPooling1d({ name: 'shared_topic' }).apply(column) as tf.SymbolicTensor;
};

const correlation: Join = (audio, image, { units, random }) => {
  const projections = [
    dense(audio, { units, activation: 'linear', name: 'audio_projection', random }),
    dense(image, { units, activation: 'linear', name: 'image_projection', random }),
  ];
  return tf.layers.dot({ axes: 1, normalize: true, name: 'cosine' }).apply(projections) as tf.SymbolicTensor;
};

/** To begin with: a logit of five times the cosine. */
function steepCosine(): tf.Tensor[] {
  return [tf.tensor2d([[-2.5, 2.5]]), tf.zeros([2])];
}

/** To begin with: together where the chance of a shared topic is above a tenth. */
function likelierTogether(): tf.Tensor[] {
  const half = Math.log(10) / 2;
  return [tf.tensor2d([[-0.5, 0.5]]), tf.tensor1d([-half, half])];
}

/** Of a row: `row × kernel + bias`. */
export interface Projection {
  /** `[D, units]` */
  kernel: number[][];
  /** `[units]` */
  bias: number[];
}

/** @param match as `createMatchHead` makes it, of kind `canonical`. */
export function setProjections(match: tf.LayersModel, projections: Record<'audio' | 'image', Projection>): void {
  for (const side of ['audio', 'image'] as const) {
    const { kernel, bias } = projections[side];
    tf.tidy(() => match.getLayer(`${side}_projection`).setWeights([tf.tensor2d(kernel), tf.tensor1d(bias)]));
  }
}

/**
 * Cross-entropy and accuracy of the match head over pairs of an encoded batch; matching and mismatched pairs weigh the same in sum.
 *
 * @param audio `[B, D]` float32. @param image `[B, D]` float32.
 */
export function correspondenceLoss(
  head: tf.LayersModel,
  audio: tf.Tensor2D,
  image: tf.Tensor2D,
  pairs: BatchPairs,
): StepLoss {
  const joined = joinPairsOf(head)(head, audio, image, pairs);
  const logits = linear(head, 'probabilities', joined);
  const weights = targetWeights(pairs.corresponds);
  const chosen = tf.oneHot(tf.argMax(logits, 1), 2);
  return {
    loss: tf.neg(tf.sum<tf.Scalar>(tf.mul(tf.logSoftmax(logits), weights))),
    accuracy: tf.sum<tf.Scalar>(tf.mul(chosen, weights)),
  };
}

function joinPairsOf(head: tf.LayersModel): JoinPairs {
  const has = (layer: string) => head.layers.some(({ name }) => name === layer);
  if (has('shared_topic')) return topicOfPairs;
  return has('cosine') ? cosineOfPairs : hiddenOfPairs;
}

type JoinPairs = (head: tf.LayersModel, audio: tf.Tensor2D, image: tf.Tensor2D, pairs: BatchPairs) => tf.Tensor2D;

/** The hidden layer is linear before its ReLU, so each embedding is multiplied once, however many pairs it is in. */
const hiddenOfPairs: JoinPairs = (head, audio, image, pairs) => {
  const [kernel, bias] = weightsOf(head, 'hidden');
  const audioSize = audio.shape[1];
  const units = kernel.shape[1];
  const audioPart = tf.matMul<tf.Tensor2D>(audio, kernel.slice([0, 0], [audioSize, units]));
  const imagePart = tf.matMul<tf.Tensor2D>(image, kernel.slice([audioSize, 0], [image.shape[1], units]));
  const sum = tf.add<tf.Tensor2D>(gather(audioPart, pairs.audioRows), gather(imagePart, pairs.imageRows));
  return tf.relu(tf.add<tf.Tensor2D>(sum, bias));
};

const topicOfPairs: JoinPairs = (head, audio, image, pairs) => {
  const audioTopics = tf.logSoftmax(linear(head, 'audio_topics', audio));
  const imageTopics = tf.logSoftmax(linear(head, 'image_topics', image));
  const both = tf.add(gather(audioTopics, pairs.audioRows), gather(imageTopics, pairs.imageRows));
  return tf.max<tf.Tensor2D>(both, 1, true);
};

const cosineOfPairs: JoinPairs = (head, audio, image, pairs) => {
  const sounds = gather(unit(linear(head, 'audio_projection', audio)), pairs.audioRows);
  const pictures = gather(unit(linear(head, 'image_projection', image)), pairs.imageRows);
  return tf.sum<tf.Tensor2D>(tf.mul(sounds, pictures), 1, true);
};

/** A row of zeros has no direction, and stays what it is, as in Keras. */
function unit(rows: tf.Tensor2D): tf.Tensor2D {
  const isZero = tf.sub(1, tf.sign(tf.sum(tf.abs(rows), 1, true)));
  return tf.div(rows, tf.norm(tf.add(rows, isZero), 2, 1, true));
}

function gather(rows: tf.Tensor2D, indices: Int32Array): tf.Tensor2D {
  return tf.gather(rows, tf.tensor1d(indices, 'int32'));
}

function linear(head: tf.LayersModel, layer: string, rows: tf.Tensor2D): tf.Tensor2D {
  const [kernel, bias] = weightsOf(head, layer);
  return tf.add(tf.matMul(rows, kernel), bias);
}

function weightsOf(head: tf.LayersModel, layer: string): [kernel: tf.Tensor2D, bias: tf.Tensor1D] {
  return head.getLayer(layer).weights.map((weight) => weight.read()) as [tf.Tensor2D, tf.Tensor1D];
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
