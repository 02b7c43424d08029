import type { Classification } from '#core/bundle/matcher.ts';
import { formatPercent } from './percent.ts';

export interface Reading {
  /** null, undefined: nothing to read. */
  show(classification: Classification | null | undefined): void;
}

const unread = Array.from({ length: 10 }, (_, digit) => ({ label: String(digit), probability: 0 }));

/** Bars of what a classifier reads, a class each, in the order of their labels. */
export function createReading(place: HTMLElement, sentence: string): Reading {
  place.classList.add('reading');
  place.role = 'img';
  const show: Reading['show'] = (classification) => {
    const classes = classification?.classes ?? unread;
    const best = classification?.classes[0];
    place.ariaLabel = best
      ? `${sentence} ${best.label}, ${formatPercent(best.probability)}`
      : `${sentence} nothing yet`;
    const byLabel = classes.toSorted((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }));
    place.replaceChildren(
      ...byLabel.map(({ label, probability }) => {
        const bar = document.createElement('span');
        bar.className = label === best?.label ? 'bar best' : 'bar';
        bar.textContent = label;
        bar.style.setProperty('--share', String(probability));
        return bar;
      }),
    );
  };
  show(null);
  return { show };
}
