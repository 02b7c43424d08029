import { h } from '../dom.ts';
import { text } from '../text.ts';
import { meterShare } from './loudness.ts';
import { record } from './record.ts';
import type { Waveform } from './sound.ts';

// Held for longer, the button records until it is let go; else until it is pressed again or the time is up.
const holdMs = 600;

export interface RecordButton {
  element: HTMLButtonElement;
  /** @throws {Error} as `record`. */
  record(): Promise<Waveform>;
  /** Ends a recording; what there is by then is kept. */
  stop(): void;
}

/** A button that records while it is held, or for `seconds` after a click, and shows how loud it is. */
export function createRecordButton(options: {
  seconds: number;
  /** What to do, until sound comes. */
  invitation: string;
  /** It was pressed: `record` is to be called. */
  onPress: () => void;
}): RecordButton {
  const label = h('span', {}, text.sound.record);
  const element = h('button', { type: 'button', id: 'record', class: 'record' }, h('i', { class: 'level' }), label);
  let stop: AbortController | null = null;
  let beganMs = Number.POSITIVE_INFINITY;

  async function start(): Promise<Waveform> {
    stop = new AbortController();
    beganMs = Number.POSITIVE_INFINITY; // until sound comes: letting go meanwhile stops nothing
    element.classList.add('recording');
    label.textContent = text.sound.allow;
    try {
      return await record({
        seconds: options.seconds,
        stop: stop.signal,
        onLevel(level, left) {
          if (left !== null && beganMs === Number.POSITIVE_INFINITY) beganMs = performance.now();
          label.textContent = left === null ? options.invitation : text.sound.left(left);
          element.style.setProperty('--level', String(meterShare(level)));
        },
      });
    } finally {
      stop = null;
      element.classList.remove('recording');
      element.style.setProperty('--level', '0');
      label.textContent = text.sound.record;
    }
  }

  const press = () => (stop ? stop.abort() : options.onPress());
  element.addEventListener('pointerdown', (event) => {
    if (event.button === 0) press();
  });
  element.addEventListener('pointerup', () => {
    if (performance.now() - beganMs > holdMs) stop?.abort();
  });
  element.addEventListener('click', (event) => {
    if (event.detail === 0) press(); // by keyboard; a pointer's click is seen above
  });
  return { element, record: start, stop: () => stop?.abort() };
}
