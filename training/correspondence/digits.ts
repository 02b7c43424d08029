import { digitsInfo } from '#core/datasets/digits.ts';
import { createDigitBatches } from '../data/digitBatches.ts';
import { loadDigits } from '../data/digits.ts';
import type { DigitsData } from './config.ts';
import { fitProbes, testMetrics } from './digitProbes.ts';
import { encodeDigits, judgeDigits } from './judgeDigits.ts';
import type { PairSource, SourceOptions } from './pairSource.ts';

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
          return {
            ...batch,
            mayMismatch: (i, j) => digits[i] !== digits[j],
            belongTogether: (i, j) => digits[i] === digits[j],
          };
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
