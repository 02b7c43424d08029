import { z } from 'zod';

/** Everything that changes the spectrogram's numbers; saved in checkpoint and bundle beside the weights. */
const optionsSchema = z.strictObject({
  sampleRate: z.number().int().positive().describe('Hz'),
  samples: z.number().int().positive().describe('samples the audio branch takes'),
  windowLength: z.number().int().positive().describe('samples'),
  hopLength: z.number().int().positive().describe('samples between frames'),
  nFft: z.number().int().positive().describe('samples the window is zero-padded to'),
  nMels: z.number().int().positive().nullable().describe('mel bands; null: linear frequency'),
  minHz: z.number().nonnegative().describe('lower edge of the first mel band'),
  maxHz: z.number().positive().describe('upper edge of the last mel band'),
  logOffset: z.number().positive().describe('added to the power before the logarithm'),
});
export type SpectrogramOptions = z.infer<typeof optionsSchema>;

/** What does not fit together is refused where it is read: no loss or score shows a spectrogram that means something else. */
export const spectrogramOptionsSchema = optionsSchema.superRefine((options, context) => {
  const { sampleRate, samples, windowLength, nFft, nMels, minHz, maxHz } = options;
  const expect = (isSo: boolean, field: keyof SpectrogramOptions, what: string) => {
    const message = `expected ${what} but received ${options[field]}`;
    if (!isSo) context.addIssue({ code: 'custom', path: [field], message });
  };
  expect(nFft % 2 === 0 && nFft >= windowLength, 'nFft', `an even number of at least windowLength (${windowLength})`);
  expect(samples >= windowLength, 'samples', `at least windowLength (${windowLength})`);
  if (nMels === null) return;
  expect(maxHz <= sampleRate / 2, 'maxHz', `at most half the sampleRate (${sampleRate / 2})`);
  expect(minHz < maxHz, 'minHz', `less than maxHz (${maxHz})`);
});

/** @returns `[F, T]` of the spectrogram: mel bands or nFft/2 + 1 frequency bins, 1 + floor((N − windowLength) / hopLength) frames. */
export function spectrogramShape(options: SpectrogramOptions): [bins: number, frames: number] {
  const frames = 1 + Math.floor((options.samples - options.windowLength) / options.hopLength);
  return [options.nMels ?? frequencyBins(options), frames];
}

export function frequencyBins({ nFft }: SpectrogramOptions): number {
  return nFft / 2 + 1;
}

/**
 * The windowed DFT as two bases: a frame's real and imaginary parts are its products with them.
 * A convolution with stride `hopLength` applies them to every frame, in any runtime.
 *
 * @returns `cosine` and `sine`, each `[windowLength, F]` float32, row-major.
 */
export function windowedDftBasis(options: SpectrogramOptions): { cosine: Float32Array; sine: Float32Array } {
  const { windowLength, nFft } = options;
  const bins = frequencyBins(options);
  const cosine = new Float32Array(windowLength * bins);
  const sine = new Float32Array(windowLength * bins);
  for (let n = 0; n < windowLength; n++) {
    const hann = hannAt(n, windowLength);
    for (let k = 0; k < bins; k++) {
      const angle = (2 * Math.PI * ((n * k) % nFft)) / nFft; // reduced first: exact for large n·k
      cosine[n * bins + k] = hann * Math.cos(angle);
      sine[n * bins + k] = -hann * Math.sin(angle);
    }
  }
  return { cosine, sine };
}

/** Periodic, not symmetric: librosa, scipy and torchaudio all use the periodic Hann window for STFT. */
export function hannAt(n: number, windowLength: number): number {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / windowLength);
}

/**
 * Triangular filters, evenly spaced on the Slaney mel scale, each of unit area:
 * the numbers of `librosa.filters.mel(htk=False, norm='slaney')`.
 *
 * @returns `[F, M]` float32, row-major.
 */
export function melFilters(options: SpectrogramOptions): Float32Array {
  const { sampleRate, nFft, minHz, maxHz } = options;
  if (options.nMels === null) throw new RangeError('Expected a number of mel bands but received null.');
  const nMels = options.nMels;
  const bins = frequencyBins(options);
  const lowest = hzToMel(minHz);
  const step = (hzToMel(maxHz) - lowest) / (nMels + 1);
  const edges = Array.from({ length: nMels + 2 }, (_, i) => melToHz(lowest + i * step));
  const filters = new Float32Array(bins * nMels);
  for (let m = 0; m < nMels; m++) {
    const [left, centre, right] = edges.slice(m, m + 3) as [number, number, number];
    for (let k = 0; k < bins; k++) {
      const hz = (k * sampleRate) / nFft;
      const height = Math.min((hz - left) / (centre - left), (right - hz) / (right - centre));
      filters[k * nMels + m] = Math.max(0, height) * (2 / (right - left));
    }
  }
  return filters;
}

// Slaney's Auditory Toolbox: linear below 1 kHz (15 mel), then logarithmic with 27 steps to 6.4 kHz.
const hzPerMel = 200 / 3;
const logStart = { hz: 1000, mel: 15 };
const logStep = Math.log(6.4) / 27;

function hzToMel(hz: number): number {
  return hz < logStart.hz ? hz / hzPerMel : logStart.mel + Math.log(hz / logStart.hz) / logStep;
}

/** @param share of the spectrogram's height, in [0, 1]. @returns Hz. */
export function frequencyAt(share: number, { sampleRate, nMels, minHz, maxHz }: SpectrogramOptions): number {
  if (nMels === null) return (share * sampleRate) / 2;
  const [lowest, highest] = [hzToMel(minHz), hzToMel(maxHz)];
  return melToHz(lowest + share * (highest - lowest));
}

function melToHz(mel: number): number {
  return mel < logStart.mel ? mel * hzPerMel : logStart.hz * Math.exp(logStep * (mel - logStart.mel));
}
