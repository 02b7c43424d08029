import { type Augmentation, noAugmentation } from '../data/loader/augmentation.ts';
import { startBatchLoader } from '../data/loader/batchLoader.ts';
import { type EncodedRows, encodeAudio, encodeImages } from '../encode.ts';
import { type Encoder, loadedInput } from './encoder.ts';
import { allWindows } from './exampleSampler.ts';
import type { Example } from './examples.ts';

/** What a branch gives for each window of some examples' sounds, or each of their pictures. */
export interface EncodedExamples extends EncodedRows {
  /** The example of each window: a position. */
  owners: number[];
}

export interface EncodeOptions {
  /** Paths of the tar files, by number. */
  shards: string[];
  workers: number;
  ahead: number;
  /** Between a sound's windows; default half of one. */
  hopSeconds?: number;
  /** Default: nothing is, as the exported graph does it. What a run learns from is another matter. */
  augmented?: { augmentation: Augmentation; seed: number };
  /** Told how many examples are done. */
  onEncoded?: (examples: number) => void;
}

const windowsPerBatch = 32;
const asItIs = { augmentation: noAugmentation, seed: 0 };

export async function encodeExamples(
  encoder: Encoder,
  examples: Example[],
  { shards, workers, ahead, hopSeconds, augmented = asItIs, onEncoded }: EncodeOptions,
): Promise<EncodedExamples> {
  const { sense, config } = encoder;
  const windows = allWindows(examples, { ...config.spectrogram, sense, hopSeconds, rows: windowsPerBatch });
  const lines = examples.map(({ line }) => line);
  const loading = { batchSize: windowsPerBatch, workers, ahead, firstStep: 0, ...augmented };
  const loader = startBatchLoader({ shards, lines }, windows, { ...loading, ...loadedInput(encoder) });
  const encoded: EncodedExamples = { embeddings: [], features: [], owners: windows.owners };
  try {
    while (encoded.embeddings.length < windows.owners.length) {
      const { waveforms, pictures, drawn } = await loader.next();
      const { embeddings, features } =
        sense === 'audio'
          ? encodeSounds(encoder, waveforms, drawn.sounds.length)
          : encodePictures(encoder, pictures, drawn.pictures.length);
      encoded.embeddings.push(...embeddings);
      encoded.features.push(...features);
      onEncoded?.((windows.owners[encoded.features.length - 1] ?? -1) + 1);
    }
  } finally {
    await loader.close();
  }
  return encoded;
}

function encodeSounds({ branch, frontends, config }: Encoder, waveforms: Float32Array, rows: number): EncodedRows {
  const { samples } = config.spectrogram;
  const row = (i: number) => waveforms.subarray(i * samples, (i + 1) * samples);
  return encodeAudio(
    { audio: branch, frontends },
    Array.from({ length: rows }, (_, i) => row(i)),
  );
}

function encodePictures({ branch, frontends, config }: Encoder, pictures: Uint8Array, rows: number): EncodedRows {
  const bytes = config.image.height * config.image.width * 3;
  const row = (i: number) => pictures.subarray(i * bytes, (i + 1) * bytes);
  return encodeImages(
    { image: branch, frontends, config },
    Array.from({ length: rows }, (_, i) => row(i)),
  );
}
