import { type DigitSplit, digitPicture } from '#core/datasets/digits.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { type CorrespondenceMetrics, correspondenceMetrics } from '#core/metrics.ts';
import { type EncodedRows, encodeAudio, encodeImages, scorePairs } from './encode.ts';
import type { Network } from './model/network.ts';

/** A split's recordings and images as the network sees them, in their order. */
export interface EncodedSplit {
  sounds: EncodedRows;
  pictures: EncodedRows;
}

/** Encodes each recording, the middle of it, and each image once. */
export function encodeSplit(network: Network, { recordings, images }: DigitSplit): EncodedSplit {
  const { samples } = network.config.spectrogram;
  return {
    sounds: encodeAudio(
      network,
      recordings.map(({ waveform }) => centreInWindow(waveform, samples)),
    ),
    pictures: encodeImages(network, images.map(digitPicture)),
  };
}

/** Judges the network on the split's fixed pairs. */
export function evaluate(
  network: Network,
  split: DigitSplit,
  encoded = encodeSplit(network, split),
): CorrespondenceMetrics {
  const scores = scorePairs(
    network,
    split.pairs.map(({ recording }) => encoded.sounds.embeddings[recording] as Float32Array),
    split.pairs.map(({ image }) => encoded.pictures.embeddings[image] as Float32Array),
  );
  return correspondenceMetrics(split.pairs.map(({ corresponds }, i) => ({ score: scores[i] as number, corresponds })));
}
