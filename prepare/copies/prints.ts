import sharp from 'sharp';
import { resample } from '#core/media/resample.ts';

/**
 * A few numbers by which copies are found that were encoded again: numbers that loudness, rate, size and quality hardly change. `[N]`
 * uint8; null for what is too plain to be told apart: one colour, one tone.
 */
export type Print = Uint8Array | null;

/** The means of 8 × 8 parts: RGB `[192]`. */
export async function printPicture(jpeg: Uint8Array): Promise<Print> {
  const means = await partMeans(jpeg, 8);
  return deviation(means) < 8 ? null : Uint8Array.from(means, Math.round);
}

/** @returns `[parts, parts, 3]`, each the mean of a part of the picture. */
export async function partMeans(jpeg: Uint8Array, parts: number): Promise<Float32Array> {
  const block = Math.ceil(64 / parts); // pixels; libvips's own means of large parts are too rough
  const side = parts * block;
  const pixels = sharp(jpeg)
    .resize(side, side, { fit: 'fill', fastShrinkOnLoad: false })
    .removeAlpha()
    .toColourspace('srgb');
  const rgb = await pixels.raw().toBuffer();
  const means = new Float32Array(parts * parts * 3);
  for (let i = 0; i < rgb.length; i++) {
    const [pixel, colour] = [Math.floor(i / 3), i % 3];
    const [row, column] = [Math.floor(pixel / side / block), Math.floor((pixel % side) / block)];
    const part = 3 * (row * parts + column) + colour;
    means[part] = (means[part] as number) + (rgb[i] as number) / block ** 2;
  }
  return means;
}

const rate = 8000; // Hz
const bands = 16;
const slots = 16;
const lowest = 100; // Hz
const highest = 3500; // Hz

/**
 * How loud 16 bands are in 16 parts of the sound that overlap by half: `[256]`, each band-pass filter (of second order, a third of an octave
 * wide) after R. Bristow-Johnson's audio EQ cookbook. Cube roots of powers, for the ear's loudness is near to them.
 */
export function printSound(waveform: Float32Array, sampleRate: number): Print {
  const sound = resample(waveform, sampleRate, rate);
  const powers = new Float64Array(bands * slots);
  for (let band = 0; band < bands; band++) {
    addPowers(
      sound,
      lowest * (highest / lowest) ** (band / (bands - 1)),
      powers.subarray(band * slots, (band + 1) * slots),
    );
  }
  const loudnesses = powers.map((power) => Math.cbrt(power));
  const largest = loudnesses.reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return null;
  const print = Uint8Array.from(loudnesses, (value) => Math.round((255 * value) / largest));
  return deviation(print) < 8 || bandsHeard(print) < 4 ? null : print;
}

function addPowers(sound: Float32Array, centre: number, powers: Float64Array): void {
  const omega = (2 * Math.PI * centre) / rate;
  const alpha = Math.sin(omega) * Math.sinh((Math.LN2 / 6) * (omega / Math.sin(omega)));
  const [b, a1, a2] = [alpha / (1 + alpha), (-2 * Math.cos(omega)) / (1 + alpha), (1 - alpha) / (1 + alpha)];
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  const slot = sound.length / (slots + 1);
  for (let n = 0; n < sound.length; n++) {
    const x = sound[n] as number;
    const y = b * (x - x2) - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    const place = Math.floor(n / slot);
    if (place < slots) powers[place] = (powers[place] as number) + y * y;
    if (place > 0) powers[place - 1] = (powers[place - 1] as number) + y * y;
  }
}

/** Of a pure tone one or two. */
function bandsHeard(print: Uint8Array): number {
  const loudest = Array.from({ length: bands }, (_, band) =>
    Math.max(...print.subarray(band * slots, (band + 1) * slots)),
  );
  return loudest.filter((value) => value > 25).length;
}

function deviation(values: Uint8Array | Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) [sum, squares] = [sum + value, squares + value * value];
  return Math.sqrt(squares / values.length - (sum / values.length) ** 2);
}
