import { h } from '../dom.ts';
import { text } from '../text.ts';
import { listen } from './listen.ts';
import { meterShare } from './loudness.ts';
import type { Waveform } from './sound.ts';

/** A button that listens until it is pressed again, and shows how loud it is. */
export function createListenButton(options: {
  seconds: number;
  /** It begins: what else is heard or played is to end. */
  onStart: () => void;
  onWindow: (window: Waveform) => void;
  onError: (error: unknown) => void;
}): { element: HTMLButtonElement; readonly isOn: boolean; start(): Promise<void>; stop(): void } {
  const label = h('span', {}, text.sound.listen);
  const element = h(
    'button',
    {
      type: 'button',
      id: 'listen',
      class: 'record',
      'aria-pressed': 'false',
      onclick: () => (isOn ? stop() : start()),
    },
    h('i', { class: 'level' }),
    label,
  );
  let isOn = false;
  let run = 0;
  let close: (() => void) | null = null;

  function show(isListening: boolean, words: string) {
    isOn = isListening;
    element.ariaPressed = String(isListening);
    element.classList.toggle('recording', isListening);
    label.textContent = words;
    if (!isListening) element.style.setProperty('--level', '0');
  }

  function stop() {
    run++;
    close?.();
    close = null;
    show(false, text.sound.listen);
  }

  async function start() {
    const own = ++run;
    options.onStart();
    show(true, text.sound.allow);
    const fail = (error: unknown) => {
      if (own !== run) return;
      stop();
      options.onError(error);
    };
    try {
      const end = await listen({
        seconds: options.seconds,
        onWindow: (window) => own === run && options.onWindow(window),
        onLevel: (level) => own === run && element.style.setProperty('--level', String(meterShare(level))),
        onEnd: fail,
      });
      if (own !== run) return end(); // stopped while the visitor was asked
      close = end;
      show(true, text.sound.listening);
    } catch (error) {
      fail(error);
    }
  }
  return {
    element,
    get isOn() {
      return isOn;
    },
    start,
    stop,
  };
}
