import { createFourier } from './fourier.ts';
import { frequencyBins, hannAt, melFilters, type SpectrogramOptions } from './spectrogram.ts';

/** What a model's first layer hears, to be looked at. */
export interface Spectrogram {
  frames: number;
  /** Mel bands, or frequencies where the model has none. */
  bins: number;
  /** `[frames, bins]` natural log of power. */
  values: Float32Array;
  seconds: number;
  /** Upper edge of the last bin. */
  maxHz: number;
}

/**
 * Log-spectrogram of a sound of any length: the numbers that the graph computes inside for each of its windows.
 *
 * @param waveform `[N]` float32 in [-1, 1], mono, at `sampleRate`; N ≥ windowLength.
 */
export function logSpectrogram(waveform: Float32Array, options: SpectrogramOptions): Spectrogram {
  const { sampleRate, windowLength, hopLength, nFft, logOffset } = options;
  const hann = Float64Array.from({ length: windowLength }, (_, n) => hannAt(n, windowLength));
  const filters = options.nMels === null ? null : melBands(options);
  const frequencies = frequencyBins(options);
  const bins = options.nMels ?? frequencies;
  const frames = 1 + Math.floor((waveform.length - windowLength) / hopLength);
  const values = new Float32Array(frames * bins);
  const fourier = createFourier(nFft);
  const real = new Float64Array(nFft);
  const imaginary = new Float64Array(nFft);
  const power = new Float64Array(frequencies);
  for (let frame = 0; frame < frames; frame++) {
    real.fill(0);
    imaginary.fill(0);
    for (let n = 0; n < windowLength; n++) {
      real[n] = (waveform[frame * hopLength + n] as number) * (hann[n] as number);
    }
    fourier(real, imaginary);
    for (let k = 0; k < frequencies; k++) power[k] = (real[k] as number) ** 2 + (imaginary[k] as number) ** 2;
    for (let bin = 0; bin < bins; bin++) {
      const value = filters ? weigh(power, filters[bin] as MelBand) : (power[bin] as number);
      values[frame * bins + bin] = Math.log(value + logOffset);
    }
  }
  const maxHz = options.nMels === null ? sampleRate / 2 : options.maxHz;
  return { frames, bins, values, seconds: waveform.length / sampleRate, maxHz };
}

/** A triangular filter, without the frequencies that it leaves out. */
interface MelBand {
  first: number;
  weights: Float32Array;
}

function melBands(options: SpectrogramOptions): MelBand[] {
  const filters = melFilters(options);
  const bands = options.nMels as number;
  return Array.from({ length: bands }, (_, band) => {
    const column = Float32Array.from({ length: filters.length / bands }, (_, k) => filters[k * bands + band] as number);
    const first = Math.max(
      0,
      column.findIndex((weight) => weight > 0),
    );
    return { first, weights: column.slice(first, 1 + column.findLastIndex((weight) => weight > 0)) };
  });
}

function weigh(power: Float64Array, { first, weights }: MelBand): number {
  return weights.reduce((sum, weight, i) => sum + weight * (power[first + i] as number), 0);
}
