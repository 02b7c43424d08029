import type { Golden, Moments } from '#core/bundle/golden/file.ts';
import { goldenImage, goldenPairs, goldenRows, goldenWaveform } from '#core/bundle/golden/inputs.ts';
import { classifierGraphName } from '#core/bundle/graphs.ts';
import type { ClassifierInput } from '#core/config.ts';
import { type Matrix, matrixOf } from '#core/matrix.ts';
import { type EncodedRows, encodeAudio, encodeImages } from './encode.ts';
import { logitsOf } from './model/logits.ts';
import type { Network } from './model/network.ts';
import type { Classifier } from './task.ts';
import { tf } from './tensorflow/load.ts';

const seeds = [1, 2, 3, 4, 5, 6];

/** A network, or a branch of one. */
export type NetworkParts = Pick<Network, 'config' | 'frontends'> & Partial<Pick<Network, 'audio' | 'image' | 'match'>>;

/** Of what heads read. */
export type HeadMoments = Golden['moments'];

/**
 * What these parts give for inputs made from seeds, for every other runtime to compare with.
 *
 * @param known of data that was trained on, where heads' rows are drawn from; what is not given is measured on the golden inputs.
 */
export function makeGolden(network: NetworkParts, classifiers: Classifier[], known: HeadMoments = {}): Golden {
  const { config, frontends, audio, image, match } = network;
  const encoded = {
    audio:
      audio &&
      encodeAudio(
        { audio, frontends },
        seeds.map((seed) => goldenWaveform(seed, config.spectrogram.samples)),
      ),
    image:
      image &&
      encodeImages(
        { image, frontends, config },
        seeds.map((seed) => goldenImage(seed, config.image)),
      ),
  };
  const moments: HeadMoments = {};
  const reads: ClassifierInput[] = [
    ...(match ? (['audio_embedding', 'image_embedding'] as const) : []),
    ...classifiers.map(({ input }) => input),
  ];
  for (const input of new Set(reads)) {
    moments[input] = known[input] ?? momentsOf(rowsOf(input, encoded));
  }
  const logits: Golden['logits'] = {};
  const pairs = match && goldenPairs({ moments });
  if (pairs) logits.match = logitsFor(match, [pairs.audio, pairs.image]);
  for (const { name, input, model } of classifiers) {
    logits[classifierGraphName(name)] = logitsFor(model, [goldenRows(input, moments[input] as Moments)]);
  }
  return {
    schema: 'clapper-golden/2',
    seeds,
    encoders: {
      ...(encoded.audio && { audio: recorded(encoded.audio) }),
      ...(encoded.image && { image: recorded(encoded.image) }),
    },
    moments,
    logits,
  };
}

/** What was shown in training: sounds one after the other and pictures one after the other, of any number. */
export interface TrainingRows {
  /** float32 `[B, N]` */
  waveforms: Float32Array;
  /** RGB uint8 `[B, H, W, 3]` */
  pictures: Uint8Array;
}

/** Training rows that moments are measured on. */
const measuredRows = 32;

/** @returns of all that heads may read; nothing of a branch that is not there or was shown nothing. */
export function measureMoments(
  { config, frontends, audio, image }: NetworkParts,
  { waveforms, pictures }: TrainingRows,
): HeadMoments {
  const split = <A extends Float32Array | Uint8Array>(all: A, size: number) =>
    Array.from(
      { length: Math.min(measuredRows, all.length / size) },
      (_, i) => all.subarray(i * size, (i + 1) * size) as A,
    );
  const sounds = split(waveforms, config.spectrogram.samples);
  const images = split(pictures, 3 * config.image.width * config.image.height);
  const heard = audio && sounds.length > 0 && encodeAudio({ audio, frontends }, sounds);
  const seen = image && images.length > 0 && encodeImages({ image, frontends, config }, images);
  return {
    ...(heard && { audio_embedding: momentsOf(heard.embeddings), audio_features: momentsOf(heard.features) }),
    ...(seen && { image_embedding: momentsOf(seen.embeddings), image_features: momentsOf(seen.features) }),
  };
}

function rowsOf(input: ClassifierInput, encoded: Record<'audio' | 'image', EncodedRows | undefined>): Float32Array[] {
  const own = encoded[input.startsWith('audio') ? 'audio' : 'image'];
  return own?.[input.endsWith('embedding') ? 'embeddings' : 'features'] ?? [];
}

function logitsFor(head: tf.LayersModel, inputs: Matrix[]): number[][] {
  return tf.tidy(() => {
    const logits = logitsOf(
      head,
      inputs.map(({ data, rows, columns }) => tf.tensor2d(data, [rows, columns])),
    );
    return (logits.arraySync() as number[][]).map(shorten);
  });
}

function recorded({ embeddings, features }: EncodedRows): NonNullable<Golden['encoders']['audio']> {
  return { embeddings: embeddings.map(shorten), features: shorten(features[0] as Float32Array) };
}

/** More rows than this say no more; they are taken evenly. */
const mostMeasured = 256;

/** @param all `[D]` each, at least one. */
export function momentsOf(all: Float32Array[]): Moments {
  const rows = all.filter((_, i) => i % Math.ceil(all.length / mostMeasured) === 0);
  const { data, columns } = matrixOf(rows);
  const mean = new Float64Array(columns);
  const square = new Float64Array(columns);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    mean[i % columns] = (mean[i % columns] as number) + value / rows.length;
    square[i % columns] = (square[i % columns] as number) + value ** 2 / rows.length;
  }
  const deviation = mean.map((centre, i) => Math.sqrt(Math.max(0, (square[i] as number) - centre ** 2)));
  return { mean: shorten(mean), deviation: shorten(deviation) };
}

/** To the digits that a float32 has. */
function shorten(values: ArrayLike<number>): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(8)));
}
