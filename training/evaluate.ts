import { type DigitSplit, digitPicture } from '#core/datasets/digits.ts';
import { centreInWindow } from '#core/media/windows.ts';
import { accuracy, type JudgedPair, rocAuc } from '#core/metrics.ts';
import { encodeAudio, encodeImages, scorePairs } from './encode.ts';
import type { Network } from './model/network.ts';

export interface Evaluation {
  pairs: number;
  accuracy: number;
  rocAuc: number;
}

/** Judges the network on the split's fixed pairs. Each recording and image is encoded once. */
export function evaluate(network: Network, split: DigitSplit): Evaluation {
  const { samples } = network.config.spectrogram;
  const sounds = encodeAudio(
    network,
    split.recordings.map(({ waveform }) => centreInWindow(waveform, samples)),
  );
  const pictures = encodeImages(network, split.images.map(digitPicture));
  const scores = scorePairs(
    network,
    split.pairs.map(({ recording }) => sounds.embeddings[recording] as Float32Array),
    split.pairs.map(({ image }) => pictures.embeddings[image] as Float32Array),
  );
  const judged = split.pairs.map(({ corresponds }, i): JudgedPair => ({ score: scores[i] as number, corresponds }));
  return { pairs: judged.length, accuracy: accuracy(judged), rocAuc: rocAuc(judged) };
}
