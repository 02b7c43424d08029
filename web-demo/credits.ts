import { h } from './dom.ts';
import type { Samples } from './samples.ts';
import { text } from './text.ts';

/** Whom the examples are from, and under which licence; those of one source together. */
export function createCredits({ sounds, pictures }: Samples): HTMLElement | null {
  const sources = new Map<string, string[]>();
  for (const { title, credit, licence } of [...pictures, ...sounds]) {
    const source = [credit, licence].filter(Boolean).join(', ');
    if (source) sources.set(source, [...(sources.get(source) ?? []), title]);
  }
  if (sources.size === 0) return null;
  const entries = [...sources].map(([source, titles]) =>
    h('li', {}, titles.length > 1 ? source : `${titles[0]}: ${source}`),
  );
  return h('details', { id: 'credits' }, h('summary', {}, text.credits), h('ul', {}, ...entries));
}
