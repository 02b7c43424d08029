import { createFourier } from '#core/fourier.ts';
import { frequencyAt, type SpectrogramOptions } from '#core/spectrogram.ts';

/** One cell of a grid over a picture, or over a spectrogram: time to the right, pitch upwards, row 0 at the top. */
export interface HiddenPart {
  of: 'sound' | 'picture';
  rows: number;
  columns: number;
  row: number;
  column: number;
}

/** @param image RGB uint8 `[H, W, 3]`. @returns a copy whose cell has the picture's mean colour. */
export function hideInPicture(
  image: Uint8Array,
  { rows, columns, row, column }: HiddenPart,
  { width, height }: { width: number; height: number },
): Uint8Array {
  const hidden = image.slice();
  const mean = [0, 0, 0];
  for (let i = 0; i < image.length; i++) mean[i % 3] = (mean[i % 3] as number) + (image[i] as number);
  const [top, bottom] = edges(row, rows, height);
  const [left, right] = edges(column, columns, width);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      for (let c = 0; c < 3; c++) hidden[3 * (y * width + x) + c] = Math.round((mean[c] as number) / (width * height));
    }
  }
  return hidden;
}

/** Fading in and out, so that the hiding itself is not heard. */
const fadeSeconds = 0.01;

/** @param waveform `[N]` float32. @returns a copy without the cell's band of frequencies in the cell's time. */
export function hideInSound(
  waveform: Float32Array,
  { rows, columns, row, column }: HiddenPart,
  spectrogram: SpectrogramOptions,
): Float32Array {
  const { sampleRate } = spectrogram;
  const [start, end] = edges(column, columns, waveform.length);
  const lowHz = frequencyAt(1 - (row + 1) / rows, spectrogram);
  const highHz = frequencyAt(1 - row / rows, spectrogram);
  const fade = Math.round(fadeSeconds * sampleRate);
  const from = Math.max(0, start - fade);
  const until = Math.min(waveform.length, end + fade);

  const size = 2 ** Math.ceil(Math.log2(until - from + 1));
  const fourier = createFourier(size);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (let n = from; n < until; n++) {
    const inside = Math.min(1, (n - from) / fade, (until - 1 - n) / fade);
    // A side that is the sound's own end has nothing to fade into.
    const share = (n < start + fade && from === 0) || (n > end - fade && until === waveform.length) ? 1 : inside;
    real[n - from] = (waveform[n] as number) * share;
  }
  fourier(real, imaginary);
  for (let k = 0; k < size; k++) {
    const hz = (Math.min(k, size - k) * sampleRate) / size;
    if (hz >= lowHz && hz <= highHz) continue;
    real[k] = imaginary[k] = 0;
  }
  // The inverse: of the conjugate, whose real part is taken.
  for (let k = 0; k < size; k++) imaginary[k] = -(imaginary[k] as number);
  fourier(real, imaginary);
  const hidden = waveform.slice();
  for (let n = from; n < until; n++) hidden[n] = (hidden[n] as number) - (real[n - from] as number) / size;
  return hidden;
}

function edges(cell: number, cells: number, length: number): [from: number, until: number] {
  return [Math.round((cell * length) / cells), Math.round(((cell + 1) * length) / cells)];
}
