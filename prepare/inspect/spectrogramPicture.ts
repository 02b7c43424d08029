import sharp from 'sharp';
import { logSpectrogram } from '#core/logSpectrogram.ts';
import type { SpectrogramOptions } from '#core/spectrogram.ts';

/** The frontend of L3: windows of 10 ms, each half over the next, linear frequency. */
export function viewOptions(sampleRate: number, samples: number): SpectrogramOptions {
  const windowLength = Math.round(sampleRate / 100);
  return {
    sampleRate,
    samples,
    windowLength,
    hopLength: Math.round(windowLength / 2),
    nFft: 2 ** Math.ceil(Math.log2(windowLength)),
    nMels: null,
    minHz: 0,
    maxHz: sampleRate / 2,
    logOffset: 1e-12,
  };
}

/** Below the loudest point of the sound nothing more is seen. */
const rangeDb = 80;

/**
 * Log-spectrogram of a waveform as the network takes it, low frequencies at the bottom.
 *
 * @param waveform `[N]` float32, at least one window long.
 * @returns a PNG of one pixel a frame and frequency.
 */
export async function spectrogramPicture(waveform: Float32Array, sampleRate: number): Promise<Buffer> {
  const { bins, frames, values } = logSpectrogram(waveform, viewOptions(sampleRate, waveform.length));
  const decibels = new Float32Array(values.length);
  for (const [i, value] of values.entries()) {
    const [frame, bin] = [Math.floor(i / bins), i % bins];
    decibels[(bins - 1 - bin) * frames + frame] = (10 / Math.LN10) * value;
  }
  const loudest = decibels.reduce((highest, value) => Math.max(highest, value), Number.NEGATIVE_INFINITY);
  const rgb = new Uint8Array(3 * decibels.length);
  for (const [i, value] of decibels.entries()) rgb.set(colourOf((value - loudest) / rangeDb + 1), 3 * i);
  return sharp(rgb, { raw: { width: frames, height: bins, channels: 3 } })
    .png()
    .toBuffer();
}

/** From quiet to loud: dark blue, red, yellow, white, each brighter than the one before. */
const colours = [
  [5, 5, 40],
  [110, 20, 110],
  [220, 60, 60],
  [250, 190, 60],
  [255, 255, 230],
];

function colourOf(level: number): number[] {
  const place = Math.min(1, Math.max(0, level)) * (colours.length - 1);
  const below = Math.min(colours.length - 2, Math.floor(place));
  const [from, to] = [colours[below] as number[], colours[below + 1] as number[]];
  return from.map((channel, i) => Math.round(channel + (place - below) * ((to[i] as number) - channel)));
}
