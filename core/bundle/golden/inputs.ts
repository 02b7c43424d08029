import type { ClassifierInput } from '../../config.ts';
import type { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import type { Golden, Moments } from './file.ts';

// Inputs made from seeds by + − × ÷ alone, so that every engine makes the same bits.

/** Red noise whose loudness changes every 10 ms or so. @returns `[samples]` float32 in [-1, 1]. */
export function goldenWaveform(seed: number, samples: number): Float32Array {
  const random = new Random(seed, 1);
  const waveform = new Float32Array(samples);
  const stretch = Math.ceil(samples / 100);
  let smoothed = 0;
  let gain = 0;
  for (let n = 0; n < samples; n++) {
    if (n % stretch === 0) gain = random.uniform();
    smoothed = 0.8 * smoothed + 0.2 * random.uniform(-1, 1);
    waveform[n] = smoothed * gain;
  }
  return waveform;
}

/** A coarse grid of colours under fine noise. @returns RGB uint8 `[height, width, 3]`. */
export function goldenImage(seed: number, { width, height }: { width: number; height: number }): Uint8Array {
  const random = new Random(seed, 2);
  const cells = Array.from({ length: 8 * 8 * 3 }, () => random.integer(192));
  const image = new Uint8Array(height * width * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = 3 * (8 * Math.floor((8 * y) / height) + Math.floor((8 * x) / width));
      for (let channel = 0; channel < 3; channel++) image[i++] = (cells[cell + channel] as number) + random.integer(64);
    }
  }
  return image;
}

/** Rows that each head is checked by. */
const headRows = 64;

/** So many standard deviations wide is a uniform distribution to either side. */
const halfWidth = 1.7320508075688772;

/**
 * Rows for a head that reads this: drawn at the place and width of real ones, in each dimension apart. The first is zero, where the head's
 * biases stand alone.
 */
export function goldenRows(input: ClassifierInput, { mean, deviation }: Moments): Matrix {
  const columns = mean.length;
  const random = new Random(1, streams[input]);
  const data = new Float32Array(headRows * columns);
  for (let i = columns; i < data.length; i++) {
    const column = i % columns;
    data[i] = (mean[column] as number) + (deviation[column] as number) * halfWidth * random.uniform(-1, 1);
  }
  return { data, rows: headRows, columns };
}

const streams: Record<ClassifierInput, number> = {
  audio_embedding: 3,
  image_embedding: 4,
  audio_features: 5,
  image_features: 6,
};

/** @returns what the match head reads: as many sounds as pictures. */
export function goldenPairs({ moments }: Pick<Golden, 'moments'>): { audio: Matrix; image: Matrix } | null {
  const { audio_embedding: audio, image_embedding: image } = moments;
  return audio && image
    ? { audio: goldenRows('audio_embedding', audio), image: goldenRows('image_embedding', image) }
    : null;
}
