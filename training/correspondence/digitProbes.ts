import { type DigitSplit, digitLabels } from '#core/datasets/digits.ts';
import { correspondenceMetrics } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import { augmentDigit } from '../data/augmentDigit.ts';
import { augmentVoice } from '../data/augmentVoice.ts';
import { encodeAudio, encodeImages } from '../encode.ts';
import type { Network } from '../model/network.ts';
import { fitProbe, type LabelledRows, type Probe, probeAccuracy } from '../probe.ts';
import type { Metrics } from '../task.ts';
import type { DigitsData } from './config.ts';
import { encodeDigits, judgeDigits } from './judgeDigits.ts';

/** How often each recording, and each of as many images, is seen by its probe, augmented anew each time. */
const rounds = 2;

/** Fits a digit classifier on each frozen branch. */
export function fitProbes(
  network: Network,
  train: DigitSplit,
  { voice, digit, seed }: Pick<DigitsData, 'voice' | 'digit'> & { seed: number },
): Probe[] {
  const random = new Random(seed, 20);
  const { spectrogram, image } = network.config;
  const recordings = Array.from({ length: rounds }, () => train.recordings).flat();
  const waveforms = recordings.map(({ waveform }) => {
    const window = new Float32Array(spectrogram.samples);
    augmentVoice(waveform, window, voice, random);
    return window;
  });
  const images = random.shuffle([...train.images]).slice(0, recordings.length);
  const pictures = images.map(({ ink }) => {
    const picture = new Uint8Array(3 * image.width * image.height);
    augmentDigit(ink, picture, digit, random);
    return picture;
  });
  const spoken: LabelledRows = {
    embeddings: encodeAudio(network, waveforms).embeddings,
    classes: recordings.map(({ digit }) => digit),
  };
  const handwritten: LabelledRows = {
    embeddings: encodeImages(network, pictures).embeddings,
    classes: images.map(({ digit }) => digit),
  };
  return [
    fitProbe(spoken, { name: 'spoken-digit', input: 'audio_embedding', labels: digitLabels, random }),
    fitProbe(handwritten, { name: 'handwritten-digit', input: 'image_embedding', labels: digitLabels, random }),
  ];
}

/** The one reading of the test split. */
export function testMetrics(network: Network, probes: Probe[], test: DigitSplit): Metrics {
  const encoded = encodeDigits(network, test);
  const { sounds, pictures } = encoded;
  const rows: Record<Probe['input'], LabelledRows> = {
    audio_embedding: { embeddings: sounds.embeddings, classes: test.recordings.map(({ digit }) => digit) },
    image_embedding: { embeddings: pictures.embeddings, classes: test.images.map(({ digit }) => digit) },
  };
  return {
    ...correspondenceMetrics(judgeDigits(network, test, encoded)),
    ...Object.fromEntries(probes.map((probe) => [`${probe.name}-accuracy`, probeAccuracy(probe, rows[probe.input])])),
  };
}
