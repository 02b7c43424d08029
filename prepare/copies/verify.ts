import { resample } from '#core/media/resample.ts';
import { partMeans } from './prints.ts';

/** Of copies at any usual quality 0.99 and more; of photos of one scene, taken one after the other, less. */
const samePictures = 0.985;

/** Whether two JPEGs show the same picture, whatever their sizes: by the means of 32 × 32 parts. */
export async function isSamePicture(a: Uint8Array, b: Uint8Array): Promise<boolean> {
  const [one, other] = await Promise.all([partMeans(a, 32), partMeans(b, 32)]);
  return correlation(one, other) > samePictures;
}

const rate = 4000; // Hz
const seconds = 2;
/** What encoders add in front, and what was cut off with silence. */
const mostLag = 0.15; // seconds
/** Two recordings of one thing stay far below, for their waves do not run together. */
const sameSounds = 0.75;

/** Whether two sounds are one recording, whatever their loudness: their waves run together at some lag. */
export function isSameSound(a: Float32Array, b: Float32Array, sampleRate: number): boolean {
  if (Math.abs(a.length - b.length) > 0.2 * sampleRate + 0.02 * Math.max(a.length, b.length)) return false;
  const [one, other] = [emphasise(resample(a, sampleRate, rate)), emphasise(resample(b, sampleRate, rate))];
  const length = Math.min(seconds * rate, one.length, other.length);
  const start = loudestPart(one, length);
  const part = one.subarray(start, start + length);
  for (let lag = -mostLag * rate; lag <= mostLag * rate; lag++) {
    const from = Math.max(0, start + lag);
    const to = Math.min(other.length, start + lag + length);
    if (to - from < 0.8 * length) continue;
    if (correlation(part.subarray(from - start - lag, to - start - lag), other.subarray(from, to)) > sameSounds)
      return true;
  }
  return false;
}

/** Differences of samples: hum and rumble, which are alike everywhere, count less. */
function emphasise(waveform: Float32Array): Float32Array {
  return waveform.map((x, i) => x - 0.97 * (waveform[i - 1] ?? 0));
}

function loudestPart(waveform: Float32Array, length: number): number {
  let [power, best, start] = [0, -1, 0];
  for (let end = 0; end < waveform.length; end++) {
    power += (waveform[end] as number) ** 2 - (end >= length ? (waveform[end - length] as number) ** 2 : 0);
    if (end >= length - 1 && power > best) [best, start] = [power, end - length + 1];
  }
  return start;
}

/** Pearson's. */
function correlation(a: Float32Array, b: Float32Array): number {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const n = a.length;
  const spread = Math.sqrt((sumAA - sumA ** 2 / n) * (sumBB - sumB ** 2 / n));
  return spread > 0 ? (sumAB - (sumA * sumB) / n) / spread : 0;
}
