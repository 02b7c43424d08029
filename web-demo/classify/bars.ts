import type { Classification } from '#core/bundle/matcher.ts';
import { h } from '../dom.ts';
import { formatPercent } from '../percent.ts';
import { wordFor } from '../samples.ts';
import { text } from '../text.ts';

export interface Bars {
  /** null: the bundle has no such classifier. */
  element: HTMLElement | null;
  /** null, undefined: nothing to read. */
  show(classification: Classification | null | undefined): void;
}

/** More classes than so many are not all shown, but the best five. */
const mostColumns = 10;
const best = 5;

/** Bars of what a classifier reads: a column each where they are few, in the order of their labels, else a row for each of the five best. */
export function createBars(id: string, { sentence, labels }: { sentence: string; labels: string[] | null }): Bars {
  if (!labels) return { element: null, show() {} };
  const asColumns = labels.length <= mostColumns;
  const element = h('div', { id, class: asColumns ? 'reading columns' : 'reading rows', role: 'img' });
  const show: Bars['show'] = (classification) => {
    const likeliest = classification?.classes.slice(0, best) ?? [];
    const [top] = likeliest;
    const said = top
      ? likeliest.map(({ label, probability }) => text.bars.one(wordFor(label), probability)).join('; ')
      : text.bars.nothing;
    element.ariaLabel = `${sentence} ${said}`;
    const classes = classification?.classes ?? labels.map((label) => ({ label, probability: 0 }));
    const shown = asColumns
      ? classes.toSorted((a, b) => a.label.localeCompare(b.label, 'en', { numeric: true }))
      : classes.slice(0, best);
    element.replaceChildren(
      ...shown.map(({ label, probability }) => {
        const bar = h(
          'span',
          { class: top && label === top.label ? 'bar best' : 'bar' },
          asColumns || top ? wordFor(label) : '',
          !asColumns && top && h('span', {}, formatPercent(probability)),
        );
        bar.style.setProperty('--share', String(probability));
        return bar;
      }),
    );
  };
  show(null);
  return { element, show };
}
