import { type DigitSplit, digitPicture } from '#core/datasets/digits.ts';
import { centreInWindow } from '#core/media/windows.ts';
import type { JudgedPair } from '#core/metrics.ts';
import { type EncodedRows, encodeAudio, encodeImages, scorePairs } from '../encode.ts';
import type { Network } from '../model/network.ts';

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
  { recordings, pairs }: DigitSplit,
  { sounds, pictures }: EncodedDigits,
): JudgedPair[] {
  const scores = scorePairs(
    network,
    pairs.map(({ recording }) => sounds.embeddings[recording] as Float32Array),
    pairs.map(({ image }) => pictures.embeddings[image] as Float32Array),
  );
  return pairs.map(({ recording, image, corresponds }, i) => ({
    score: scores[i] as number,
    corresponds,
    sources: [recordings[recording]?.name as string, `image ${image}`],
  }));
}
