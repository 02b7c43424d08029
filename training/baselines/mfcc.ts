import type { SpectrogramOptions } from '#core/spectrogram.ts';
import { bandPower } from '../ops/bandPower.ts';
import { tf } from '../tensorflow/load.ts';

const frame = 1024; // samples
const hop = 512;
const bands = 40;
/** The first coefficient says how loud a frame is; Piczak (2015) leaves it out, and takes the twelve after it. */
const coefficients = 12;

/**
 * Clips as the author of ESC-50 describes them to his baselines (Piczak 2015, §3): mean and standard deviation over all frames of twelve
 * MFCCs and of how often the sound crosses zero.
 *
 * @param sampleRate Hz. @param samples of every clip.
 * @returns from a waveform `[N]` in [-1, 1) to `[26]`.
 */
export function mfccFeatures(sampleRate: number, samples: number): (waveform: Float32Array) => Float32Array {
  const options: SpectrogramOptions = {
    sampleRate,
    samples,
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
    const cepstra = tf.tidy(() => {
      const logs = tf.log(tf.add(powerOf(tf.tensor2d(waveform, [1, samples])), options.logOffset)); // [1, bands, frames]
      return tf.matMul(cosines, logs.squeeze<tf.Tensor2D>([0])).arraySync() as number[][];
    });
    const rows = [...cepstra, crossings(waveform)];
    return Float32Array.from([...rows.map(mean), ...rows.map(deviation)]);
  };
}

/** DCT-II, orthonormal, without its first row; `[12, 40]`. */
function dctBasis(): Float32Array {
  return Float32Array.from({ length: coefficients * bands }, (_, i) => {
    const [k, n] = [1 + Math.floor(i / bands), i % bands];
    return Math.sqrt(2 / bands) * Math.cos((Math.PI * k * (n + 0.5)) / bands);
  });
}

/** Of each frame, the share of its samples at which the sound changes its sign. */
function crossings(waveform: Float32Array): number[] {
  const frames = 1 + Math.floor((waveform.length - frame) / hop);
  return Array.from({ length: frames }, (_, f) => {
    let count = 0;
    for (let n = f * hop + 1; n < f * hop + frame; n++) {
      if ((waveform[n] as number) >= 0 !== (waveform[n - 1] as number) >= 0) count++;
    }
    return count / frame;
  });
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
