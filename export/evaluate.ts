import type { Classifier } from '#core/bundle/manifest.ts';
import type { BundleGraphs, Encoded } from '#core/bundle/open.ts';
import {
  type DigitSplit,
  digitImageSize,
  digitLabels,
  digitPicture,
  digitsSampleRate,
  readDigits,
} from '#core/datasets/digits.ts';
import { InputError } from '#core/errors.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { correspondenceMetrics, type JudgedPair, shareInterval } from '#core/metrics.ts';
import { type ProgressOutput, startProgress } from '#core/progress.ts';
import { readFrom } from './files.ts';
import { openBundleFolder } from './runtime.ts';

const batchSize = 64;

export interface Evaluation {
  pairs: number;
  /** Share of pairs on the right side of 0.5, and where it lies with 95 % confidence. */
  accuracy: number;
  accuracyInterval: [low: number, high: number];
  rocAuc: number;
  /** By their name: the share of the split's recordings or images that each names right. */
  classifiers: Record<string, { items: number; accuracy: number; accuracyInterval: [low: number, high: number] }>;
}

export interface EvaluateOptions {
  bundle: string;
  /** A folder as `datasets/digits`. */
  dataset: string;
  progress: ProgressOutput;
}

/**
 * Judges a bundle in ONNX Runtime on the fixed test pairs of the digits dataset. Each recording and image is encoded once.
 *
 * @throws {InputError} for a bundle made for other rates or sizes than the dataset's.
 */
export async function evaluateBundle({ bundle: folder, dataset, progress }: EvaluateOptions): Promise<Evaluation> {
  const bundle = await openBundleFolder(folder);
  try {
    const { graphs, manifest } = bundle;
    const { audio, image } = manifest.input;
    if (audio.sampleRate !== digitsSampleRate || image.width !== digitImageSize || image.height !== digitImageSize) {
      throw new InputError(
        `Expected a bundle for ${digitsSampleRate} Hz and ${digitImageSize} × ${digitImageSize} pixels, as the digits are, ` +
          `but "${manifest.name}" takes ${audio.sampleRate} Hz and ${image.width} × ${image.height}.`,
      );
    }
    const split = await readDigits(readFrom(dataset), 'test');
    const waveforms = split.recordings.map(({ waveform }) => centreInWindow(waveform, audio.samples));
    const images = split.images.map(digitPicture);
    const total = waveforms.length + images.length;
    const bar = startProgress({ label: 'recordings and images', total, output: progress });
    const sounds = await inBatches(waveforms, graphs.audio, (done) => bar.update(done));
    const pictures = await inBatches(images, graphs.image, (done) => bar.update(waveforms.length + done));
    bar.end();

    const judged = await judgePairs(split, { sounds, pictures, graphs });
    const { pairs, accuracy, accuracyLow, accuracyHigh, rocAuc } = correspondenceMetrics(judged);
    const classifiers: Evaluation['classifiers'] = {};
    for (const classifier of manifest.classifiers.filter(({ labels }) => labels.join() === digitLabels.join())) {
      const hears = classifier.input.startsWith('audio');
      const digits = (hears ? split.recordings : split.images).map(({ digit }) => digit);
      const right = await countRight(classifier, { encoded: hears ? sounds : pictures, digits, graphs });
      classifiers[classifier.name] = {
        items: digits.length,
        accuracy: right / digits.length,
        accuracyInterval: shareInterval(right / digits.length, digits.length),
      };
    }
    return {
      pairs,
      accuracy,
      accuracyInterval: [accuracyLow, accuracyHigh],
      rocAuc,
      classifiers,
    };
  } finally {
    await bundle.release();
  }
}

async function inBatches<Item>(
  items: Item[],
  encode: (items: Item[]) => Promise<Encoded>,
  onProgress: (done: number) => void,
): Promise<Encoded> {
  const all: Encoded = { embeddings: [], features: [] };
  for (let first = 0; first < items.length; first += batchSize) {
    const { embeddings, features } = await encode(items.slice(first, first + batchSize));
    all.embeddings.push(...embeddings);
    all.features.push(...features);
    onProgress(all.embeddings.length);
  }
  return all;
}

async function judgePairs(
  { pairs }: DigitSplit,
  { sounds, pictures, graphs }: { sounds: Encoded; pictures: Encoded; graphs: BundleGraphs },
): Promise<JudgedPair[]> {
  const scores = await graphs.match(
    pairs.map(({ recording }) => sounds.embeddings[recording] as Float32Array),
    pairs.map(({ image }) => pictures.embeddings[image] as Float32Array),
  );
  return pairs.map(({ corresponds }, i) => ({ score: scores[i] as number, corresponds }));
}

async function countRight(
  { name, input }: Classifier,
  { encoded, digits, graphs }: { encoded: Encoded; digits: number[]; graphs: BundleGraphs },
): Promise<number> {
  const rows = await graphs.classify(name, input.endsWith('embedding') ? encoded.embeddings : encoded.features);
  return rows.filter((row, i) => row.indexOf(Math.max(...row)) === digits[i]).length;
}
