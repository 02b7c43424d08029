import type { ImageFrontend } from '#core/config.ts';
import type { DigitImage, DigitSplit, Recording } from '#core/datasets/digits.ts';
import type { BatchPairs } from '#core/datasets/pairs/matchRows.ts';
import { Random } from '#core/random.ts';
import { augmentDigit, type DigitAugmentation } from './augmentDigit.ts';
import { augmentVoice, type VoiceAugmentation } from './augmentVoice.ts';

/** A batch of recordings and images. A row's sound and picture belong together. */
export interface DigitBatch {
  /** float32 `[B, N]`. */
  waveforms: Float32Array;
  /** RGB uint8 `[B, H, W, 3]`. */
  pictures: Uint8Array;
  /** Of each row; matching rows of one digit are never counter-examples to each other. */
  digits: number[];
  pairs: BatchPairs;
}

export interface DigitBatchOptions {
  batchSize: number;
  matchesPerClip: number;
  samples: number; // in an audio window
  image: Pick<ImageFrontend, 'width' | 'height'>;
  voice: VoiceAugmentation;
  digit: DigitAugmentation;
  seed: number;
}

/**
 * A batch's row holds a recording and an image of one digit, all digits equally often. Matching pairs are the rows;
 * mismatched pairs are the same recordings and images, shuffled, without those that show the same digit: no sound and no image
 * occurs on one side only.
 *
 * @returns draws the batch of that number, which depends on the seed and the number alone.
 */
export function createDigitBatches(split: DigitSplit, options: DigitBatchOptions): (number: number) => DigitBatch {
  const { batchSize, samples, image } = options;
  const recordings = groupByDigit<Recording>(split.recordings);
  const images = groupByDigit<DigitImage>(split.images);
  const pictureBytes = image.height * image.width * 3;
  const batchSeed = new Random(options.seed, 30).uint32();

  return (number) => {
    const random = new Random(batchSeed, number);
    const digits = Array.from({ length: batchSize }, () => random.integer(10));
    const waveforms = new Float32Array(batchSize * samples);
    const pictures = new Uint8Array(batchSize * pictureBytes);
    for (const [row, digit] of digits.entries()) {
      const { waveform } = random.pick(recordings[digit] as Recording[]);
      augmentVoice(waveform, waveforms.subarray(row * samples, (row + 1) * samples), options.voice, random);
      const { ink } = random.pick(images[digit] as DigitImage[]);
      augmentDigit(ink, pictures.subarray(row * pictureBytes, (row + 1) * pictureBytes), options.digit, random);
    }
    return { waveforms, pictures, digits, pairs: pairRows(digits, options.matchesPerClip, random) };
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
