import type { ImageFrontend } from '#core/config.ts';
import type { DigitImage, DigitSplit, Recording } from '#core/datasets/digits.ts';
import { Random, type RandomState } from '#core/random.ts';
import type { BatchPairs } from '../model/heads.ts';
import { tf } from '../tensorflow/load.ts';
import { augmentDigit, type DigitAugmentation } from './augmentDigit.ts';
import { augmentVoice, type VoiceAugmentation } from './augmentVoice.ts';

export interface PairBatch {
  /** `[B, N]` float32. */
  waveforms: tf.Tensor2D;
  /** `[B, H, W, 3]` of values 0–255. */
  images: tf.Tensor4D;
  /** Of each row; matching rows of one category are never counter-examples to each other. */
  categories: number[];
  pairs: BatchPairs;
}

export interface DigitBatchOptions {
  batchSize: number;
  matchesPerClip: number;
  samples: number; // in an audio window
  image: ImageFrontend;
  voice: VoiceAugmentation;
  digit: DigitAugmentation;
  random: number | RandomState;
}

/** Batches of recordings and images, drawn and augmented from seeded random numbers. */
export interface DigitBatches {
  next(): PairBatch;
  /** Where the random numbers stand: given as `random`, the same batches follow. */
  readonly randomState: RandomState;
}

/**
 * A batch's row holds a recording and an image of one digit, all digits equally often. Matching pairs are the rows;
 * mismatched pairs are the same recordings and images, shuffled, without those that show the same digit: no sound and no image
 * occurs on one side only.
 */
export function createDigitBatches(split: DigitSplit, options: DigitBatchOptions): DigitBatches {
  const { batchSize, samples, image } = options;
  const random = new Random(options.random);
  const recordings = groupByDigit<Recording>(split.recordings);
  const images = groupByDigit<DigitImage>(split.images);
  const pictureBytes = image.height * image.width * 3;

  return {
    next() {
      const digits = Array.from({ length: batchSize }, () => random.integer(10));
      const waveforms = new Float32Array(batchSize * samples);
      const pictures = new Uint8Array(batchSize * pictureBytes);
      for (const [row, digit] of digits.entries()) {
        const { waveform } = random.pick(recordings[digit] as Recording[]);
        augmentVoice(waveform, waveforms.subarray(row * samples, (row + 1) * samples), options.voice, random);
        const { ink } = random.pick(images[digit] as DigitImage[]);
        augmentDigit(ink, pictures.subarray(row * pictureBytes, (row + 1) * pictureBytes), options.digit, random);
      }
      return {
        waveforms: tf.tensor2d(waveforms, [batchSize, samples]),
        images: tf.tensor4d(pictures, [batchSize, image.height, image.width, 3], 'int32'),
        categories: digits,
        pairs: pairRows(digits, options.matchesPerClip, random),
      };
    },
    get randomState() {
      return random.state;
    },
  };
}

/** Every row with itself, and with the rows of `shuffles` permutations wherever the digits differ. */
export function pairRows(digits: number[], shuffles: number, random: Random): BatchPairs {
  const rows = digits.map((_, row) => row);
  const pairs = rows.map((row) => ({ audio: row, image: row, corresponds: 1 }));
  for (let i = 0; i < shuffles; i++) {
    for (const [audio, image] of random.shuffle([...rows]).entries()) {
      if (digits[audio] !== digits[image]) pairs.push({ audio, image, corresponds: 0 });
    }
  }
  return {
    audioRows: Int32Array.from(pairs, ({ audio }) => audio),
    imageRows: Int32Array.from(pairs, ({ image }) => image),
    corresponds: Int32Array.from(pairs, ({ corresponds }) => corresponds),
  };
}

function groupByDigit<T extends { digit: number }>(items: T[]): T[][] {
  return Array.from({ length: 10 }, (_, digit) => items.filter((item) => item.digit === digit));
}
