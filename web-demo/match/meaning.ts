import { strangeAbove } from '#core/bundle/strange.ts';
import type { Judgement } from '../engine/engine.ts';
import { text } from '../text.ts';

/** What a score means, in words. */
export interface Meaning {
  headline: string;
  explanation: string;
  /** The model knows neither sound nor picture, or not one of them: its score is no answer. */
  isStrange: boolean;
}

/** @param metrics of the variant that judged, as its manifest has them. */
export function meaningOf({ score, windows, strangeness }: Judgement, metrics: Record<string, number>): Meaning {
  const words = text.verdict;
  const strange = { audio: (strangeness.audio ?? 0) > strangeAbove, image: (strangeness.image ?? 0) > strangeAbove };
  if (strange.audio || strange.image) {
    const which = strange.audio && strange.image ? 'both' : strange.audio ? 'audio' : 'image';
    const headline = { both: words.neither, audio: words.strangeSound, image: words.strangePicture }[which];
    return { headline, explanation: words.strangeBecause(words.strange[which]), isStrange: true };
  }
  const sentences = [measured(metrics), windows.length > 1 ? words.windows(windows.length) : ''];
  return { headline: headlineFor(score), explanation: sentences.filter(Boolean).join(' '), isStrange: false };
}

export function headlineFor(score: number): string {
  const words = text.verdict;
  if (score >= 0.8) return words.sure;
  if (score >= 0.5) return words.likely;
  return score > 0.2 ? words.unlikely : words.no;
}

/** How often it is right, and how far its percentages are from what comes true. */
function measured({ accuracy, calibrationError }: Record<string, number>): string {
  if (accuracy === undefined) return '';
  // Of ten, where that says enough: nobody is always right.
  const of = Math.round(10 * accuracy) < 10 ? 10 : 100;
  const right = text.verdict.right(Math.min(of - 1, Math.round(of * accuracy)), of);
  return right + (calibrationError === undefined ? '.' : text.verdict.calibrated(Math.round(100 * calibrationError)));
}
