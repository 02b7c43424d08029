import type { Random } from '#core/random.ts';
import { Adam } from './adam.ts';
import { stackRows } from './encode.ts';
import { createClassifier } from './model/heads.ts';
import { tf } from './tensorflow/load.ts';

/** A linear classifier on a frozen branch's embedding. */
export interface Probe {
  name: string;
  input: 'audio_embedding' | 'image_embedding';
  labels: string[];
  model: tf.LayersModel;
}

export interface LabelledRows {
  /** `[D]` each. */
  embeddings: Float32Array[];
  /** The class of each, a position in the labels. */
  classes: number[];
}

export interface ProbeOptions {
  name: string;
  input: Probe['input'];
  labels: string[];
  random: Random;
}

/** Multinomial logistic regression by full-batch Adam; the branch that made the embeddings does not change. */
export function fitProbe({ embeddings, classes }: LabelledRows, { name, input, labels, random }: ProbeOptions): Probe {
  const inputSize = embeddings[0]?.length ?? 0;
  const model = createClassifier({ input, inputSize, classes: labels.length }, random);
  const [kernel, bias] = model.getLayer('probabilities').weights.map((weight) => weight.read()) as [
    tf.Variable,
    tf.Variable,
  ];
  const adam = new Adam([kernel, bias]);
  const rows = stackRows(embeddings);
  const targets = tf.oneHot(tf.tensor1d(classes, 'int32'), labels.length);
  const steps = 400;
  for (let step = 0; step < steps; step++) {
    const learningRate = 0.02 * (1 - step / steps);
    adam
      .minimize(() => {
        const logits = tf.add(tf.matMul(rows, kernel as tf.Tensor2D), bias);
        return tf.losses.softmaxCrossEntropy(targets, logits) as tf.Scalar;
      }, learningRate)
      .dispose();
  }
  tf.dispose([rows, targets]);
  adam.dispose();
  return { name, input, labels, model };
}

/** @returns the share of rows whose most probable class is theirs. */
export function probeAccuracy({ model }: Probe, { embeddings, classes }: LabelledRows): number {
  return tf.tidy(() => {
    const probabilities = model.predict(stackRows(embeddings)) as tf.Tensor2D;
    const chosen = probabilities.argMax(1).dataSync();
    return classes.filter((label, i) => chosen[i] === label).length / classes.length;
  });
}
