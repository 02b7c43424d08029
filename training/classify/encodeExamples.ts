import { type Augmentation, noAugmentation } from '../data/loader/augmentation.ts';
import { startBatchLoader } from '../data/loader/batchLoader.ts';
import type { EncodedRows } from '../encode.ts';
import { type Encoder, loadedInput, type RowEncoder, rowEncoder } from './encoder.ts';
import { allWindows } from './exampleSampler.ts';
import type { ShownExample } from './examples.ts';

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
  encoder: Encoder | RowEncoder,
  examples: ShownExample[],
  { shards, workers, ahead, hopSeconds, augmented = asItIs, onEncoded }: EncodeOptions,
): Promise<EncodedExamples> {
  const { sense, config, encode } = 'encode' in encoder ? encoder : rowEncoder(encoder);
  const windows = allWindows(examples, { ...config.spectrogram, sense, hopSeconds, rows: windowsPerBatch });
  const lines = examples.map(({ line }) => line);
  const loading = { batchSize: windowsPerBatch, workers, ahead, firstStep: 0, ...augmented };
  const loader = startBatchLoader({ shards, lines }, windows, { ...loading, ...loadedInput(encoder) });
  const encoded: EncodedExamples = { embeddings: [], features: [], owners: windows.owners };
  try {
    while (encoded.embeddings.length < windows.owners.length) {
      const { waveforms, pictures, drawn } = await loader.next();
      const { embeddings, features } = await encode(
        sense === 'audio'
          ? rowsOf(waveforms, { rows: drawn.sounds.length, length: config.spectrogram.samples })
          : rowsOf(pictures, { rows: drawn.pictures.length, length: config.image.height * config.image.width * 3 }),
      );
      encoded.embeddings.push(...embeddings);
      encoded.features.push(...features);
      onEncoded?.((windows.owners[encoded.features.length - 1] ?? -1) + 1);
    }
  } finally {
    await loader.close();
  }
  return encoded;
}

/** Views of the first rows of a batch. */
function rowsOf<T extends Float32Array | Uint8Array>(
  batch: T,
  { rows, length }: { rows: number; length: number },
): T[] {
  return Array.from({ length: rows }, (_, i) => batch.subarray(i * length, (i + 1) * length) as T);
}
