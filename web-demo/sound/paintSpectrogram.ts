import type { Spectrogram } from '#core/logSpectrogram.ts';

// 60 dB below the loudest point is drawn black; in the spectrogram's unit, the natural log of power.
const widestRange = 6 * Math.LN10;

/** Time to the right, pitch upwards, loudness as light; a pixel for each number. */
export function paintSpectrogram({ frames, bins, values }: Spectrogram): ImageData {
  const loudest = values.reduce((highest, value) => Math.max(highest, value));
  const quietest = values.reduce((lowest, value) => Math.min(lowest, value));
  const range = Math.min(widestRange, loudest - quietest);
  const picture = new ImageData(frames, bins);
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < bins; bin++) {
      const light = 1 + ((values[frame * bins + bin] as number) - loudest) / range || 0; // NaN: the same everywhere
      picture.data.set(colour(Math.max(0, light)), 4 * ((bins - 1 - bin) * frames + frame));
    }
  }
  return picture;
}

// Five stops of matplotlib's "inferno": as bright to the eye as the number is large, also for the colour-blind.
const stops = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
] as const;

/** @param light in [0, 1]. @returns red, green, blue, alpha. */
function colour(light: number): [number, number, number, number] {
  const at = light * (stops.length - 1);
  const below = stops[Math.min(Math.floor(at), stops.length - 2)] as (typeof stops)[0];
  const above = stops[Math.min(Math.floor(at), stops.length - 2) + 1] as (typeof stops)[0];
  const share = Math.min(1, at - Math.min(Math.floor(at), stops.length - 2));
  const mix = (i: 0 | 1 | 2) => below[i] + share * (above[i] - below[i]);
  return [mix(0), mix(1), mix(2), 255];
}
