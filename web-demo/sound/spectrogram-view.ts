import type { WindowScore } from '#core/bundle/matcher.ts';
import type { Spectrogram } from './spectrogram.ts';

// 60 dB below the loudest point is drawn black; in the spectrogram's unit, the natural log of power.
const widestRange = 6 * Math.LN10;

/** Time to the right, pitch upwards, loudness as light. A pixel a number; the style sheet scales it. */
export function drawSpectrogram(canvas: HTMLCanvasElement, { frames, bins, values }: Spectrogram): void {
  canvas.width = frames;
  canvas.height = bins;
  const loudest = values.reduce((highest, value) => Math.max(highest, value));
  const quietest = values.reduce((lowest, value) => Math.min(lowest, value));
  const range = Math.min(widestRange, loudest - quietest);
  const pixels = new ImageData(frames, bins);
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < bins; bin++) {
      const light = 1 + ((values[frame * bins + bin] as number) - loudest) / range || 0; // NaN: the same everywhere
      pixels.data.set(colour(Math.max(0, light)), 4 * ((bins - 1 - bin) * frames + frame));
    }
  }
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
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

export interface WindowsView {
  windows: WindowScore[];
  windowSeconds: number;
  /** Of the whole sound. */
  seconds: number;
}

// Narrower brackets, as a share of the whole sound, have no room for their score.
const readableShare = 0.12;

/** Of a sound longer than the model's window: each window as a bracket with its score, and a frame around the one that counts. */
export function drawWindows(place: HTMLElement, { windows, windowSeconds, seconds }: WindowsView): void {
  const best = windows.reduce<WindowScore | null>(
    (best, window) => (best && best.score >= window.score ? best : window),
    null,
  );
  const width = windowSeconds / seconds;
  const mark = (window: WindowScore, kind: string) => {
    const span = document.createElement('span');
    span.className = window === best ? `${kind} best` : kind;
    span.style.left = `${(100 * window.startSeconds) / seconds}%`;
    span.style.width = `${100 * width}%`;
    return span;
  };
  const brackets = windows.map((window, i) => {
    const bracket = mark(window, 'bracket');
    bracket.style.setProperty('--row', String(i % 2)); // windows overlap by half: neighbours stand in different rows
    bracket.style.setProperty('--score', String(window.score));
    if (width > readableShare) bracket.textContent = `${Math.round(100 * window.score)} %`;
    return bracket;
  });
  place.replaceChildren(...(best ? [mark(best, 'frame')] : []), ...brackets);
}
