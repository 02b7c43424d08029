import { frequencyBins, melFilters, type SpectrogramOptions, windowedDftBasis } from './spectrogram.ts';

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
  const { sampleRate, windowLength, hopLength, logOffset } = options;
  const { cosine, sine } = windowedDftBasis(options);
  const filters = options.nMels === null ? null : melFilters(options);
  const frequencies = frequencyBins(options);
  const bins = options.nMels ?? frequencies;
  const frames = 1 + Math.floor((waveform.length - windowLength) / hopLength);
  const values = new Float32Array(frames * bins);
  const real = new Float64Array(frequencies);
  const imaginary = new Float64Array(frequencies);
  for (let frame = 0; frame < frames; frame++) {
    real.fill(0);
    imaginary.fill(0);
    for (let n = 0; n < windowLength; n++) {
      const sample = waveform[frame * hopLength + n] as number;
      for (let k = 0, i = n * frequencies; k < frequencies; k++, i++) {
        real[k] = (real[k] as number) + sample * (cosine[i] as number);
        imaginary[k] = (imaginary[k] as number) + sample * (sine[i] as number);
      }
    }
    const power = real.map((re, k) => re ** 2 + (imaginary[k] as number) ** 2);
    const bands = filters ? project(power, filters, bins) : power;
    for (const [bin, value] of bands.entries()) values[frame * bins + bin] = Math.log(value + logOffset);
  }
  const maxHz = options.nMels === null ? sampleRate / 2 : options.maxHz;
  return { frames, bins, values, seconds: waveform.length / sampleRate, maxHz };
}

/** @param matrix `[power.length, bands]` */
function project(power: Float64Array, matrix: Float32Array, bands: number): Float64Array {
  const projected = new Float64Array(bands);
  for (const [k, value] of power.entries()) {
    for (let band = 0, i = k * bands; band < bands; band++, i++) {
      projected[band] = (projected[band] as number) + value * (matrix[i] as number);
    }
  }
  return projected;
}
