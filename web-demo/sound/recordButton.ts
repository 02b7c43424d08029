import { h } from '../dom.ts';
import { text } from '../text.ts';
import { meterShare } from './loudness.ts';
import { record } from './record.ts';
import type { Waveform } from './sound.ts';

// Held for longer, the button records until it is let go; else until it is pressed again or the time is up.
const holdMs = 600;

/** A button that records while it is held, or for `seconds` after a click, and shows how loud it is. */
export function createRecordButton(options: {
  seconds: number;
  /** What to do, until sound comes. */
  invitation: string;
  onRecording: (recording: Promise<Waveform>) => void;
}): { element: HTMLButtonElement; start(): void } {
  const label = h('span', {}, text.sound.record);
  const element = h('button', { type: 'button', id: 'record', class: 'record' }, h('i', { class: 'level' }), label);
  let stop: AbortController | null = null;
  let beganMs = Number.POSITIVE_INFINITY;

  async function start() {
    stop = new AbortController();
    beganMs = Number.POSITIVE_INFINITY; // until sound comes: letting go meanwhile stops nothing
    element.classList.add('recording');
    label.textContent = text.sound.allow;
    const recording = record({
      seconds: options.seconds,
      stop: stop.signal,
      onLevel(level, left) {
        if (left !== null && beganMs === Number.POSITIVE_INFINITY) beganMs = performance.now();
        label.textContent = left === null ? options.invitation : text.sound.left(left);
        element.style.setProperty('--level', String(meterShare(level)));
      },
    });
    options.onRecording(recording);
    await recording.catch(() => {});
    stop = null;
    element.classList.remove('recording');
    element.style.setProperty('--level', '0');
    label.textContent = text.sound.record;
  }

  const press = () => (stop ? stop.abort() : start());
  element.addEventListener('pointerdown', (event) => {
    if (event.button === 0) press();
  });
  element.addEventListener('pointerup', () => {
    if (performance.now() - beganMs > holdMs) stop?.abort();
  });
  element.addEventListener('click', (event) => {
    if (event.detail === 0) press(); // by keyboard; a pointer's click is seen above
  });
  return { element, start };
}
