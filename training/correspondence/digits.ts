import type { ModelConfig } from '#core/config.ts';
import { digitImageSize, digitsInfo, digitsSampleRate } from '#core/datasets/digits.ts';
import { InputError } from '#core/errors.ts';
import { createDigitBatches } from '../data/digitBatches.ts';
import { loadDigits } from '../data/digits.ts';
import type { DigitsData } from './config.ts';
import { fitProbes, testMetrics } from './digitProbes.ts';
import { encodeDigits, judgeDigits } from './judgeDigits.ts';
import type { PairSource, SourceOptions } from './pairSource.ts';

/**
 * The digits that the repository carries, all of them in memory.
 *
 * @throws {InputError} for a network that takes other sounds or pictures than these, and for batches of one row.
 */
export async function digitPairs(data: DigitsData, options: SourceOptions): Promise<PairSource> {
  const { model, rows, matchesPerClip, seed } = options;
  checkInputs(model);
  if (rows < 2) throw new InputError(`Expected a batchSize, and rowsAtOnce, of two or more but received ${rows}.`);
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

/** Recordings and pictures are shown as they are: a network for others would hear and see noise. */
function checkInputs({ spectrogram, image }: ModelConfig): void {
  const { sampleRate } = spectrogram;
  if (sampleRate !== digitsSampleRate) {
    throw new InputError(
      `Expected sampleRate=${digitsSampleRate}, at which the digits are spoken, but received ${sampleRate}.`,
    );
  }
  const { width, height, shortSide } = image;
  if ([width, height, shortSide].every((side) => side === digitImageSize)) return;
  throw new InputError(
    `Expected pictureSize=${digitImageSize} and pictureShortSide=${digitImageSize}, of which the digits are written, but received ` +
      `${width} and ${shortSide}.`,
  );
}
