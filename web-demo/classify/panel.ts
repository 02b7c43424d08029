import type { App, Panel } from '../app.ts';
import { h } from '../dom.ts';

/** What the classifiers read of the sound, also live, and of the picture. */
export function createClassifyPanel({ sides }: App): Panel {
  const element = h('div', { class: 'bench classify' });
  return {
    element,
    enter() {
      element.replaceChildren(...[sides.sound?.element, sides.picture?.element].filter((side) => side !== undefined));
    },
    leave() {
      sides.sound?.rest();
      sides.picture?.rest();
    },
  };
}
