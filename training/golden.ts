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

const seeds = [1, 2, 3, 4];

/** A network, or a branch of one. */
export type NetworkParts = Pick<Network, 'config' | 'frontends'> & Partial<Pick<Network, 'audio' | 'image' | 'match'>>;

/** Rows that heads read, of data that was trained on. */
export type SampleRows = Partial<Record<ClassifierInput, Float32Array[]>>;

/**
 * What these parts give for inputs made from seeds, for every other runtime to compare with.
 *
 * @param samples where heads' rows are drawn from; of what is not given, the encoders' own golden rows.
 */
export function makeGolden(network: NetworkParts, classifiers: Classifier[], samples: SampleRows = {}): Golden {
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
  const moments: Golden['moments'] = {};
  const reads: ClassifierInput[] = [
    ...(match ? (['audio_embedding', 'image_embedding'] as const) : []),
    ...classifiers.map(({ input }) => input),
  ];
  for (const input of new Set(reads)) {
    const own = encoded[input.startsWith('audio') ? 'audio' : 'image'];
    moments[input] = momentsOf(samples[input] ?? own?.[input.endsWith('embedding') ? 'embeddings' : 'features'] ?? []);
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

function momentsOf(rows: Float32Array[]): Moments {
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
