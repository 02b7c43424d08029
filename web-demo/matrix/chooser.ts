import { h } from '../dom.ts';
import type { Candidate } from './candidates.ts';

export interface Chooser<C> {
  element: HTMLElement;
  chosen(): C[];
  /** Another to choose from, chosen. */
  add(candidate: C): void;
}

/** Boxes to tick, the first of them ticked. */
export function createChooser<C extends Candidate<unknown>>(
  legend: string,
  { candidates, ticked, onChange }: { candidates: C[]; ticked: number; onChange: () => void },
): Chooser<C> {
  const element = h('fieldset', { class: 'ticks' }, h('legend', {}, legend));
  const boxes: { candidate: C; box: HTMLInputElement }[] = [];
  const add = (candidate: C, checked = true) => {
    const box = h('input', { type: 'checkbox', checked, onchange: onChange });
    boxes.push({ candidate, box });
    element.append(h('label', { class: 'tick', title: candidate.title }, box, candidate.word));
  };
  for (const [i, candidate] of candidates.entries()) add(candidate, i < ticked);
  return {
    element,
    chosen: () => boxes.filter(({ box }) => box.checked).map(({ candidate }) => candidate),
    add: (candidate) => add(candidate),
  };
}
