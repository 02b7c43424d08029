import { describe, expect, test } from 'vitest';
import { Random } from '#core/random.ts';
import { frequencyBins, hannAt, melFilters, type SpectrogramOptions, spectrogramShape } from '#core/spectrogram.ts';
import { randomNormal } from '../../../training/model/branch.ts';
import { bandPower } from '../../../training/ops/bandPower.ts';
import { bandPowerByTensorFlow } from '../../../training/ops/bandPowerByTensorFlow.ts';
import { tf } from '../../../training/tensorflow/load.ts';

const mel = { sampleRate: 16_000, minHz: 20, maxHz: 7000, logOffset: 1e-5 };

/** Sizes of every radix alone and together, frames that fill the operator's lanes and that do not, overlapping and apart. */
const cases: SpectrogramOptions[] = [
  { ...mel, samples: 5000, windowLength: 480, hopLength: 240, nFft: 512, nMels: null },
  { ...mel, samples: 7321, windowLength: 201, hopLength: 97, nFft: 462, nMels: 37 }, // 2 · 3 · 7 · 11
  { ...mel, samples: 9000, windowLength: 960, hopLength: 1000, nFft: 960, nMels: 64 }, // 2^6 · 3 · 5
  { ...mel, samples: 300, windowLength: 26, hopLength: 13, nFft: 26, nMels: null }, // 2 · 13
  { ...mel, samples: 100, windowLength: 7, hopLength: 3, nFft: 8, nMels: 3 },
  { ...mel, samples: 64, windowLength: 64, hopLength: 64, nFft: 64, nMels: null }, // one frame
  { ...mel, samples: 9, windowLength: 2, hopLength: 1, nFft: 2, nMels: null },
];

describe.each(cases)(
  '$samples samples in frames of $windowLength / $nFft, every $hopLength, $nMels mel bands',
  (options) => {
    const sounds = 3;
    const waveforms = randomNormal([sounds, options.samples], 0.3, new Random(2)) as tf.Tensor2D;
    const expected = powerByDefinition(waveforms.arraySync(), options);

    test.each(['bandPower', 'bandPowerByTensorFlow'] as const)('%s has the power of the DFT', (name) => {
      const power = name === 'bandPower' ? bandPower(options) : bandPowerByTensorFlow(options, tables(options));
      const actual = power(waveforms);
      expect(actual.shape).toEqual([sounds, ...spectrogramShape(options)]);
      expectClose(actual.dataSync<'float32'>(), expected);
    });
  },
);

test('a frame of silence beside a loud one is silent', () => {
  const options = { ...mel, samples: 4096, windowLength: 512, hopLength: 512, nFft: 512, nMels: null };
  const waveform = new Float32Array(4096)
    .fill(0, 0, 2048)
    .fill(1, 2048)
    .map((sample, n) => sample * Math.sin(n));
  const power = bandPower(options)(tf.tensor2d(waveform, [1, 4096]));
  const perFrame = tf.max(power, [0, 1]).arraySync() as number[];
  expect(perFrame.slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(Math.min(...perFrame.slice(4))).toBeGreaterThan(1000);
});

function tables(options: SpectrogramOptions) {
  const { windowLength, nMels } = options;
  return {
    window: tf.tensor1d(Array.from({ length: windowLength }, (_, n) => hannAt(n, windowLength))),
    filters: tf.tensor2d(nMels === null ? [] : melFilters(options), [frequencyBins(options), nMels ?? 0], 'float32'),
  };
}

/** `[B, F, T]`, in double precision. */
function powerByDefinition(waveforms: number[][], options: SpectrogramOptions): number[] {
  const { windowLength, hopLength, nFft, nMels } = options;
  const [bands, frames] = spectrogramShape(options);
  const bins = frequencyBins(options);
  const filters = nMels === null ? null : melFilters(options);
  return waveforms.flatMap((waveform) => {
    const powers = new Array<number>(bands * frames).fill(0);
    for (let t = 0; t < frames; t++) {
      for (let k = 0; k < bins; k++) {
        let [re, im] = [0, 0];
        for (let n = 0; n < windowLength; n++) {
          const sample = hannAt(n, windowLength) * (waveform[t * hopLength + n] as number);
          const angle = (2 * Math.PI * ((n * k) % nFft)) / nFft;
          re += sample * Math.cos(angle);
          im -= sample * Math.sin(angle);
        }
        for (let band = 0; band < bands; band++) {
          const weight = filters ? (filters[k * bands + band] as number) : Number(band === k);
          powers[band * frames + t] = (powers[band * frames + t] as number) + weight * (re ** 2 + im ** 2);
        }
      }
    }
    return powers;
  });
}

function expectClose(actual: Float32Array, expected: number[]): void {
  const greatest = Math.max(...expected);
  expect(greatest).toBeGreaterThan(0);
  const difference = Math.max(...expected.map((power, i) => Math.abs(power - (actual[i] as number))));
  expect(difference).toBeLessThan(1e-6 * greatest);
}
