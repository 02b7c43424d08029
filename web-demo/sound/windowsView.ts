import type { WindowScore } from '#core/bundle/matcher.ts';
import { formatPercent } from '../percent.ts';

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
  const best = windows.reduce((best, window) => (best.score >= window.score ? best : window));
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
    if (width > readableShare) bracket.textContent = formatPercent(window.score);
    return bracket;
  });
  place.replaceChildren(mark(best, 'frame'), ...brackets);
}
