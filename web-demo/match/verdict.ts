import { h } from '../dom.ts';
import { formatPercent } from '../percent.ts';
import { text } from '../text.ts';

export interface Verdict {
  element: HTMLElement;
  /** No score: what is being waited for, or what went wrong. */
  say(headline: string, explanation: string): void;
  show(
    score: number,
    words: { headline: string; explanation: string; isStrange?: boolean; isForetold?: boolean },
  ): void;
  /** What follows below the words. */
  append(...elements: HTMLElement[]): void;
}

const drawing = `<svg class="clapper" viewBox="0 0 120 104" aria-hidden="true">
  <g class="stick">
    <rect x="8" y="24" width="104" height="18" rx="3" />
    <path d="M20 24h14l-9 18H11z M48 24h14l-9 18H39z M76 24h14l-9 18H67z M104 24h8v8l-5 10H95z" />
  </g>
  <g class="slate">
    <rect x="8" y="42" width="104" height="58" rx="4" />
    <path d="M20 60l-9-18h14l9 18z M48 60l-9-18h14l9 18z M76 60l-9-18h14l9 18z M104 60l-9-18h14l3 6v12z" />
  </g>
  <text x="60" y="88" id="percent"></text>
</svg>`;

/** The clapperboard: it closes as far as sound and picture belong together. */
export function createVerdict(): Verdict {
  const board = h('div');
  board.innerHTML = drawing;
  const percent = board.querySelector('text') as SVGTextElement;
  const headline = h('p', { class: 'headline', id: 'headline', 'aria-live': 'polite' });
  const explanation = h('p', { class: 'explanation', id: 'explanation' });
  const meter = h('meter', { id: 'score-meter', class: 'visually-hidden', 'aria-label': text.verdict.score });
  const bar = h('div', { class: 'score', id: 'score', hidden: true }, meter);
  const element = h(
    'section',
    { id: 'verdict', 'aria-labelledby': 'verdict-title' },
    h('h2', { id: 'verdict-title', class: 'visually-hidden' }, text.verdict.title),
    ...board.children,
    h('div', { class: 'words' }, headline, explanation, bar),
  );

  function set(score: number | null, state: string, words: { headline: string; explanation: string }) {
    if (headline.textContent !== words.headline) headline.textContent = words.headline; // said aloud by screen readers, so only when it changes
    explanation.textContent = words.explanation;
    element.dataset.verdict = state;
    element.style.setProperty('--score', String(score ?? 0));
    bar.hidden = score === null;
    meter.value = score ?? 0;
    percent.textContent = score === null ? '' : formatPercent(score);
  }

  return {
    element,
    say: (headline, explanation) => set(null, 'open', { headline, explanation }),
    show(score, { isStrange, isForetold, ...words }) {
      set(score, isStrange ? 'strange' : score >= 0.5 ? 'match' : 'mismatch', words);
      element.toggleAttribute('data-foretold', isForetold ?? false);
    },
    append: (...elements) => element.append(...elements),
  };
}
