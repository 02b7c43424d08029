import { type DigitSplit, digitPicture, digitsInfo } from '#core/datasets/digits.ts';
import { centreInWindow } from '#core/media/windows.ts';
import type { JudgedPair } from '#core/metrics.ts';
import { createDigitBatches } from '../data/digitBatches.ts';
import { loadDigits } from '../data/digits.ts';
import { type EncodedRows, encodeAudio, encodeImages, scorePairs } from '../encode.ts';
import type { Network } from '../model/network.ts';
import type { DigitsData } from './config.ts';
import { fitProbes, testMetrics } from './digitProbes.ts';
import type { PairSource } from './pairSource.ts';
import type { SourceOptions } from './task.ts';

/** The digits that the repository carries, all of them in memory. */
export async function digitPairs(data: DigitsData, options: SourceOptions): Promise<PairSource> {
  const { model, rows, matchesPerClip, seed } = options;
  const digits = await loadDigits(data.holdOutSpeaker);
  const draw = createDigitBatches(digits.train, {
    batchSize: rows,
    matchesPerClip,
    samples: model.spectrogram.samples,
    image: model.image,
    voice: data.voice,
    digit: data.digit,
    seed,
  });
  return {
    dataset: { ...digitsInfo, testFold: null },
    sounds: digits.train.recordings.length,
    startBatches(firstBatch) {
      let number = firstBatch;
      return {
        async next() {
          const { digits, ...batch } = draw(number++);
          return { ...batch, mayMismatch: (i, j) => digits[i] !== digits[j] };
        },
        async close() {},
      };
    },
    judge: async (network, split) => judgeDigits(network, digits[split], encodeDigits(network, digits[split])),
    async finish(network) {
      const classifiers = fitProbes(network, digits.train, { ...data, seed });
      return { classifiers, metrics: testMetrics(network, classifiers, digits.test) };
    },
  };
}

/** A split as the network hears and sees it, in its order. */
export interface EncodedDigits {
  sounds: EncodedRows;
  pictures: EncodedRows;
}

/** Encodes each recording, the middle of it, and each image once. */
export function encodeDigits(network: Network, { recordings, images }: DigitSplit): EncodedDigits {
  const { samples } = network.config.spectrogram;
  return {
    sounds: encodeAudio(
      network,
      recordings.map(({ waveform }) => centreInWindow(waveform, samples)),
    ),
    pictures: encodeImages(network, images.map(digitPicture)),
  };
}

/** Scores the split's fixed pairs. */
export function judgeDigits(
  network: Network,
  { pairs }: DigitSplit,
  { sounds, pictures }: EncodedDigits,
): JudgedPair[] {
  const scores = scorePairs(
    network,
    pairs.map(({ recording }) => sounds.embeddings[recording] as Float32Array),
    pairs.map(({ image }) => pictures.embeddings[image] as Float32Array),
  );
  return pairs.map(({ corresponds }, i) => ({ score: scores[i] as number, corresponds }));
}
