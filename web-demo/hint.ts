import type { Chosen } from './chosen.ts';
import { h } from './dom.ts';
import type { Picture } from './picture/picture.ts';
import type { Sound } from './sound/sound.ts';
import { text } from './text.ts';

/** Over an empty stage: what to do, or what is coming. */
export function createHint(
  chosen: Chosen<Picture> | Chosen<Sound>,
  { id, invitation, isEmpty }: { id: string; invitation: string; isEmpty: () => boolean },
): HTMLElement {
  const element = h('p', { class: 'hint', id });
  const give = () => {
    const coming = chosen.coming.value;
    element.hidden = !isEmpty();
    element.textContent = coming ? text.coming(coming.title) : invitation;
  };
  chosen.coming.watch(give);
  chosen.watch(give);
  return element;
}
