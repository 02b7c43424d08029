import type { OpeningProgress, TimedMatch } from './engine/engine.ts';
import { byId } from './page.ts';
import { formatPercent } from './percent.ts';

/** Which side is not there yet. */
export interface Waiting {
  picture: boolean;
  sound: boolean;
}

export interface Verdict {
  opening(progress: OpeningProgress): void;
  failed(headline: string, error: Error): void;
  waitFor(missing: Waiting): void;
  show(match: TimedMatch): void;
}

/** The clapperboard: it closes as far as sound and picture belong together. */
export function createVerdict(): Verdict {
  const section = byId('verdict', HTMLElement);
  const headline = byId('headline', HTMLElement);
  const explanation = byId('explanation', HTMLElement);
  const percent = byId('percent', SVGTextElement);
  const bar = byId('score', HTMLElement);
  const meter = byId('score-meter', HTMLMeterElement);
  const opening = byId('opening', HTMLProgressElement);

  function say(words: string, because: string) {
    if (headline.textContent !== words) headline.textContent = words; // said aloud by screen readers, so only when it changes
    explanation.textContent = because;
  }

  function setScore(score: number | null) {
    section.dataset.verdict = score === null ? 'open' : score >= 0.5 ? 'match' : 'mismatch';
    section.style.setProperty('--score', String(score ?? 0));
    bar.hidden = score === null;
    meter.value = score ?? 0;
    opening.hidden = true;
    percent.textContent = score === null ? '' : formatPercent(score);
  }

  return {
    opening({ step, share }) {
      setScore(null);
      say('One moment', `${step}${share === null ? '' : `, ${Math.round(100 * share)} %`}.`);
      opening.hidden = false;
      if (share === null) opening.removeAttribute('value');
      else opening.value = share;
    },
    failed(words, error) {
      setScore(null);
      say(words, error.message);
    },
    waitFor(missing) {
      setScore(null);
      if (missing.picture && missing.sound) say('Draw a digit and say one', 'The board closes when they match.');
      else if (missing.picture) say('Now draw a digit', 'The one that you hear, or another.');
      else say('Now say a digit', 'The one that you see, or another.');
    },
    show({ score, windows, milliseconds }) {
      setScore(score);
      const time = `Judged in ${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms.`;
      say(wordsFor(score), windows.length > 1 ? `The best of ${windows.length} places in the sound. ${time}` : time);
    },
  };
}

function wordsFor(score: number): string {
  if (score >= 0.8) return 'They match';
  if (score >= 0.5) return 'They match, probably';
  if (score > 0.2) return 'Probably no match';
  return 'They do not match';
}
