import type { Network } from './model/network.ts';
import { tf } from './tensorflow/load.ts';

/** What a branch gives, one row an input; plain arrays, nothing to free. */
export interface EncodedRows {
  /** `[D]` each. */
  embeddings: Float32Array[];
  /** `[K]` each. */
  features: Float32Array[];
}

const batchSize = 100;

/**
 * As every exported graph does it: batch normalisation by the moving statistics.
 *
 * @param waveforms each `[N]` float32 in [-1, 1] at the network's rate.
 */
export function encodeAudio(
  { audio, frontends }: Pick<Network, 'audio' | 'frontends'>,
  waveforms: Float32Array[],
): EncodedRows {
  return inBatches(waveforms, (rows) => audio.predict(frontends.spectrogram(stackRows(rows))) as tf.Tensor2D[]);
}

/** @param images each RGB uint8 `[H, W, 3]` of the network's size. */
export function encodeImages(
  { image, frontends, config }: Pick<Network, 'image' | 'frontends' | 'config'>,
  images: Uint8Array[],
): EncodedRows {
  const { width, height } = config.image;
  return inBatches(images, (rows) => {
    const batch = new Uint8Array(rows.length * height * width * 3);
    for (const [i, row] of rows.entries()) batch.set(row, i * height * width * 3);
    return image.predict(frontends.pixels(batch)) as tf.Tensor2D[];
  });
}

/** @returns P(they belong together) of each pair of embeddings. */
export function scorePairs(
  { match }: Pick<Network, 'match'>,
  audio: Float32Array[],
  image: Float32Array[],
): Float32Array {
  return tf.tidy(() => {
    const probabilities = match.predict([stackRows(audio), stackRows(image)]) as tf.Tensor2D;
    return probabilities.slice([0, 1], [-1, 1]).dataSync<'float32'>();
  });
}

/** @param rows all of one length. @returns `[rows, length]`. */
export function stackRows(rows: Float32Array[]): tf.Tensor2D {
  const length = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * length);
  for (const [i, row] of rows.entries()) all.set(row, i * length);
  return tf.tensor2d(all, [rows.length, length]);
}

/** @returns the rows of a matrix, each an array of its own. */
export function unstackRows(matrix: tf.Tensor2D): Float32Array[] {
  const [rows, length] = matrix.shape;
  const all = matrix.dataSync<'float32'>();
  return Array.from({ length: rows }, (_, i) => all.slice(i * length, (i + 1) * length));
}

function inBatches<T>(items: T[], encode: (items: T[]) => tf.Tensor2D[]): EncodedRows {
  const result: EncodedRows = { embeddings: [], features: [] };
  for (let first = 0; first < items.length; first += batchSize) {
    tf.tidy(() => {
      const [embeddings, features] = encode(items.slice(first, first + batchSize)) as [tf.Tensor2D, tf.Tensor2D];
      result.embeddings.push(...unstackRows(embeddings));
      result.features.push(...unstackRows(features));
    });
  }
  return result;
}
