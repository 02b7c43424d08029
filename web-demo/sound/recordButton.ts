import { record } from './microphone.ts';
import type { Sound } from './sound.ts';

const maxSeconds = 2;

// Held for longer, the button records until it is let go; else until it is pressed again or the time is up.
const holdMs = 400;

/** A button that records while it is held, or for two seconds after a click, and shows how loud it is. */
export function createRecordButton(button: HTMLButtonElement, onRecording: (recording: Promise<Sound>) => void): void {
  const label = button.querySelector('span') as HTMLElement;
  let stop: AbortController | null = null;
  let startMs = 0;

  async function start() {
    stop = new AbortController();
    startMs = Number.POSITIVE_INFINITY; // until the microphone is there: letting go meanwhile stops nothing
    button.classList.add('recording');
    label.textContent = 'Allow the microphone';
    const recording = record({
      maxSeconds,
      stop: stop.signal,
      onLevel(level, seconds) {
        if (startMs === Number.POSITIVE_INFINITY) startMs = performance.now();
        label.textContent = `Speak · ${Math.max(0, maxSeconds - seconds).toFixed(1)} s`;
        button.style.setProperty('--level', String(meter(level)));
      },
    });
    onRecording(recording);
    await recording.catch(() => {});
    stop = null;
    button.classList.remove('recording');
    button.style.setProperty('--level', '0');
    label.textContent = 'Record';
  }

  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    if (stop) stop.abort();
    else start();
  });
  button.addEventListener('pointerup', () => {
    if (performance.now() - startMs > holdMs) stop?.abort();
  });
  button.addEventListener('click', (event) => {
    if (event.detail > 0) return; // a pointer's click: seen above
    if (stop) stop.abort();
    else start();
  });
}

/** Root mean square → share of a bar that spans the 60 dB below full scale. */
function meter(level: number): number {
  return Math.min(1, Math.max(0, 1 + Math.log10(Math.max(level, 1e-9)) / 3));
}
