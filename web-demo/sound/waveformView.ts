import { h } from '../dom.ts';
import { text } from '../text.ts';
import { type Sound, secondsOf } from './sound.ts';

export interface WaveformView {
  element: HTMLElement;
  show(sound: Sound | null): void;
}

const size = { width: 600, height: 56 };

/** Of the window's length, for each press of an arrow key. */
const keyStep = 1 / 8;

/**
 * The waveform, and over it the part that is judged, to be dragged; of a sound no longer than the model's window all is.
 *
 * @param onWindow where the part begins; null: the whole sound is judged.
 */
export function createWaveformView(
  windowSeconds: number,
  onWindow: (startSeconds: number | null) => void,
): WaveformView {
  const canvas = h('canvas', { ...size, 'aria-hidden': 'true' });
  const slider = h('div', {
    id: 'window',
    class: 'window',
    role: 'slider',
    tabIndex: 0,
    'aria-label': text.sound.window,
    'aria-valuemin': 0,
    hidden: true,
  });
  const whole = h(
    'button',
    {
      type: 'button',
      id: 'whole',
      hidden: true,
      onclick() {
        onWindow(null);
        slider.focus(); // the button is no longer there
      },
    },
    text.sound.whole,
  );
  const hint = h('p', { class: 'quiet', hidden: true }, text.sound.wholeHint);
  const track = h('div', { class: 'track' }, canvas, slider);
  const element = h('div', { class: 'waveform vacant' }, track, h('div', { class: 'below' }, hint, whole));
  let last = 0; // the latest start of a window
  let start: number | null = null;

  const choose = (startSeconds: number) => onWindow(Math.min(last, Math.max(0, startSeconds)));
  const fromPointer = (event: PointerEvent) => {
    const { left, width } = track.getBoundingClientRect();
    choose(((event.clientX - left) / width) * (last + windowSeconds) - windowSeconds / 2);
  };
  track.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || last === 0) return;
    track.setPointerCapture(event.pointerId);
    fromPointer(event);
  });
  track.addEventListener('pointermove', (event) => {
    if (track.hasPointerCapture(event.pointerId)) fromPointer(event);
  });
  slider.addEventListener('keydown', (event) => {
    const step = keyStep * windowSeconds;
    const moves: Record<string, number> = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step };
    if (event.key === 'Escape') onWindow(null);
    else if (event.key === 'Home') choose(0);
    else if (event.key === 'End') choose(last);
    else if (event.key in moves) choose((start ?? 0) + (moves[event.key] as number));
    else return;
    event.preventDefault();
  });

  let drawn = '';
  return {
    element,
    show(sound) {
      element.classList.toggle('vacant', sound === null);
      if (!sound) return;
      const seconds = secondsOf(sound);
      last = Math.max(0, seconds - windowSeconds);
      start = sound.startSeconds;
      const isLong = last > 0.05;
      if (!isLong) last = 0;
      track.classList.toggle('draggable', isLong);
      slider.hidden = !isLong;
      hint.hidden = !isLong || start !== null;
      whole.hidden = start === null;
      const from = start ?? 0;
      slider.style.left = `${(100 * from) / seconds}%`;
      slider.style.width = `${start === null ? 100 : (100 * windowSeconds) / seconds}%`;
      slider.ariaValueMax = last.toFixed(2);
      slider.ariaValueNow = from.toFixed(2);
      slider.ariaValueText =
        start === null ? text.sound.windowAt(0, seconds) : text.sound.windowAt(from, from + windowSeconds);
      if (drawn !== sound.id) draw(canvas, sound.waveform);
      drawn = sound.id;
    },
  };
}

/** Lowest and highest sample of each column, as high as the loudest allows. */
function draw(canvas: HTMLCanvasElement, waveform: Float32Array): void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const { width, height } = canvas;
  const columns = Array.from({ length: width }, (_, x) => {
    let [low, high] = [0, 0];
    const end = Math.floor(((x + 1) * waveform.length) / width);
    for (let n = Math.floor((x * waveform.length) / width); n < end; n++) {
      const sample = waveform[n] as number;
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
    return [low, high] as const;
  });
  const loudest = columns.reduce((most, [low, high]) => Math.max(most, -low, high), 1e-9);
  context.clearRect(0, 0, width, height);
  context.fillStyle = '#8db0ff';
  for (const [x, [low, high]] of columns.entries()) {
    const top = (height / 2) * (1 - high / loudest);
    context.fillRect(x, top, 1, Math.max(1, (height / 2) * (1 - low / loudest) - top));
  }
}
