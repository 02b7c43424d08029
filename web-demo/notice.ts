import { h } from './dom.ts';
import { text } from './text.ts';

/** A place for what went wrong, where it went wrong: one sentence, and what tries again. */
export interface Notice {
  element: HTMLElement;
  show(error: unknown, retry?: () => void): void;
  clear(): void;
}

/** @param id so that tests and styles find it. */
export function createNotice(id: string): Notice {
  const sentence = h('p', { id, role: 'alert' });
  const again = h('button', { type: 'button', class: 'retry', textContent: text.retry });
  const element = h('div', { class: 'error', hidden: true }, sentence, again);
  return {
    element,
    show(error, retry) {
      sentence.textContent = error instanceof Error ? error.message : String(error);
      again.hidden = !retry;
      again.onclick = retry
        ? () => {
            this.clear();
            retry();
          }
        : null;
      element.hidden = false;
    },
    clear() {
      sentence.textContent = '';
      element.hidden = true;
    },
  };
}
