import type { SpectrogramOptions } from '#core/spectrogram.ts';
import { bandPower } from '../ops/bandPower.ts';
import { tf } from '../tensorflow/load.ts';

const frame = 2048; // samples, librosa's
const hop = 512;
const bands = 128;
const crossingFrame = 512; // samples
/** The first coefficient says how loud a frame is; Piczak leaves it out, and takes the twelve after it. */
const coefficients = 12;
/** What is 80 dB below the loudest band of a clip counts as that: librosa's. */
const range = 80; // dB

/**
 * Clips as the author of ESC-50 describes them to his baselines (Piczak 2015, §3, and the notebook beside it, which takes librosa's frames,
 * bands and decibels): mean and standard deviation over all frames of twelve MFCCs and of how often the sound crosses zero.
 *
 * @param sampleRate Hz. @param samples of every clip.
 * @returns from a waveform `[N]` in [-1, 1) to `[26]`.
 */
export function mfccFeatures(sampleRate: number, samples: number): (waveform: Float32Array) => Float32Array {
  const options: SpectrogramOptions = {
    sampleRate,
    samples: samples + frame, // each frame stands around its moment
    windowLength: frame,
    hopLength: hop,
    nFft: frame,
    nMels: bands,
    minHz: 0,
    maxHz: sampleRate / 2,
    logOffset: 1e-10, // of a power: below the noise of 16-bit sound
  };
  const powerOf = bandPower(options);
  const cosines = tf.keep(tf.tensor2d(dctBasis(), [coefficients, bands]));
  return (waveform) => {
    const raised = waveform.map((sample) => sample + 2 ** -16); // as the notebook reads them: half a step of 16 bits up, no sample is 0
    const cepstra = tf.tidy(() => {
      const power = powerOf(tf.tensor2d(mirrored(raised, frame / 2), [1, options.samples])).squeeze<tf.Tensor2D>([0]); // [bands, frames]
      const decibels = tf.mul<tf.Tensor2D>(tf.log(tf.maximum(power, options.logOffset)), 10 / Math.LN10);
      const audible = tf.maximum<tf.Tensor2D>(decibels, tf.sub(tf.max(decibels), range));
      return tf.matMul(cosines, audible).arraySync() as number[][];
    });
    const rows = [...cepstra, crossings(raised)];
    return Float32Array.from([...rows.map(mean), ...rows.map(deviation)]);
  };
}

/** With its own beginning and end before and after it, turned round. */
function mirrored(waveform: Float32Array, reach: number): Float32Array {
  const last = waveform.length - 1;
  return Float32Array.from({ length: waveform.length + 2 * reach }, (_, i) => {
    const place = Math.abs(i - reach);
    return waveform[place > last ? 2 * last - place : place] as number;
  });
}

/** DCT-II, orthonormal, without its first row; `[12, 128]`. */
function dctBasis(): Float32Array {
  return Float32Array.from({ length: coefficients * bands }, (_, i) => {
    const [k, n] = [1 + Math.floor(i / bands), i % bands];
    return Math.sqrt(2 / bands) * Math.cos((Math.PI * k * (n + 0.5)) / bands);
  });
}

/** Of each frame, the share of its samples at which the sound changes its sign. */
function crossings(waveform: Float32Array): number[] {
  const frames = Math.ceil(waveform.length / crossingFrame);
  return Array.from({ length: frames }, (_, f) => {
    const samples = waveform.subarray(f * crossingFrame, (f + 1) * crossingFrame);
    let count = 0;
    for (let n = 1; n < samples.length; n++) {
      if ((samples[n] as number) >= 0 !== (samples[n - 1] as number) >= 0) count++;
    }
    return count / Math.max(1, samples.length - 1);
  });
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
