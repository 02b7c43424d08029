import './explain.css';
import type { ImageInput } from '#core/bundle/manifest.ts';
import { centreInWindow } from '#core/media/windows.ts';
import type { App, Panel } from '../app.ts';
import { h } from '../dom.ts';
import type { PictureInput, SoundInput } from '../engine/engine.ts';
import { createNotice } from '../notice.ts';
import { pixelsOf } from '../picture/pixels.ts';
import { judgedPart } from '../sound/sound.ts';
import { text } from '../text.ts';
import type { HiddenPart } from './hide.ts';

const grids = { picture: { rows: 7, columns: 7 }, sound: { rows: 6, columns: 8 } } as const;
const words = text.explain;

/** Which parts of picture and sound the score hangs on: each is hidden in turn. */
export function createExplainPanel(app: App): Panel {
  const { engine, manifest } = app;
  const notice = createNotice('explain-error');
  const pair = h('p', { id: 'explain-pair', class: 'quiet' });
  const said = h('p', { id: 'explain-said', 'aria-live': 'polite' });
  const bar = h('progress', { id: 'explain-progress', hidden: true, max: 1, 'aria-label': words.progress });
  const start = h(
    'button',
    { type: 'button', id: 'explain-start', class: 'primary', onclick: () => explain() },
    words.start,
  );
  const cancel = h('button', { type: 'button', id: 'explain-cancel', hidden: true }, words.cancel);
  const views = h('div', { class: 'explain-views' });
  let run = 0;
  let isWaiting = false;

  cancel.onclick = () => {
    stop();
    said.textContent = words.cancelled;
  };

  function rest(): void {
    const hadFocus = document.activeElement === cancel;
    bar.hidden = cancel.hidden = true;
    start.hidden = false;
    if (hadFocus) start.focus();
  }

  function stop(): void {
    run++;
    rest();
  }

  async function explain(): Promise<void> {
    const own = ++run;
    notice.clear();
    start.hidden = true;
    bar.hidden = cancel.hidden = false;
    cancel.focus();
    bar.removeAttribute('value');
    said.textContent = words.waiting;
    views.replaceChildren();
    try {
      const { picture, sound: chosen } = await settledPair();
      if (own !== run) return;
      if (!picture || !chosen) {
        said.textContent = words.nothing;
        return rest();
      }
      const sound = await oneWindow(judgedPart(chosen, Number.POSITIVE_INFINITY), picture);
      const { score } = await engine.ask.match(sound, picture);
      const parts = [...cells('picture'), ...cells('sound')];
      const fallen: Record<HiddenPart['of'], number[]> = { picture: [], sound: [] };
      // A row at a time: so it can be cancelled, and says how far it is.
      for (let done = 0; done < parts.length; ) {
        const { of, row } = parts[done] as HiddenPart;
        const together = parts.filter((part) => part.of === of && part.row === row);
        const scores = await engine.ask.matchWithout(sound, picture, together);
        if (own !== run) return;
        fallen[of].push(...scores.map((without) => score - without));
        done += together.length;
        bar.value = done / parts.length;
        said.textContent = words.hiding(done, parts.length);
      }
      const { spectrogram } = await engine.ask.paint(sound.waveform);
      if (own !== run) return;
      views.replaceChildren(
        view('picture', pixelsOf(picture.image, manifest.input.image as ImageInput), fallen.picture),
        view('sound', spectrogram, fallen.sound),
        h(
          'p',
          { class: 'quiet legend' },
          ...(['for', 'against'] as const).map((kind) =>
            h('span', {}, h('i', { class: kind, 'aria-hidden': 'true' }), words.legend[kind]),
          ),
        ),
      );
      said.textContent = words.done(score);
    } catch (error) {
      if (own === run) {
        said.textContent = '';
        notice.show(error, retry);
      }
    }
    if (own === run) rest();
  }

  function retry(): void {
    engine.revive();
    for (const side of [app.picture, app.sound]) if (!side.value && side.failure.value) side.again();
    explain();
  }

  /** What it explains; of another pair than before nothing is known yet. */
  function introduce(): void {
    const [picture, sound] = [app.picture, app.sound].map(({ value, coming }) => (value ?? coming.value)?.title);
    pair.textContent = picture && sound ? words.pair(picture, sound) : words.nothing;
  }
  for (const side of [app.picture, app.sound]) {
    side.coming.watch(introduce);
    side.watch(() => {
      introduce();
      notice.clear();
      if (isWaiting) return;
      stop();
      views.replaceChildren();
      said.textContent = '';
    });
  }

  /** What is chosen, when both have come. */
  async function settledPair() {
    isWaiting = true;
    try {
      return { picture: await app.picture.settled(), sound: await app.sound.settled() };
    } finally {
      isWaiting = false;
    }
  }

  /** Of a longer sound the window that speaks most for a match; a shorter one as it lies in its window. */
  async function oneWindow(sound: SoundInput, picture: PictureInput): Promise<SoundInput> {
    const { samples, sampleRate } = manifest.input.audio as { samples: number; sampleRate: number };
    if (sound.waveform.length <= samples) {
      return { id: `${sound.id}@window`, waveform: centreInWindow(sound.waveform, samples) };
    }
    const { windows } = await engine.ask.match(sound, picture);
    const best = windows.reduce((best, window) => (window.score > best.score ? window : best));
    const from = Math.min(Math.round(best.startSeconds * sampleRate), sound.waveform.length - samples);
    return { id: `${sound.id}@${from}`, waveform: sound.waveform.slice(from, from + samples) };
  }

  return {
    element: h(
      'section',
      { class: 'card explain', 'aria-label': text.panels.explain },
      h('p', {}, words.lead),
      pair,
      h('div', { class: 'row' }, start, cancel, bar),
      said,
      notice.element,
      views,
    ),
    leave() {
      if (!cancel.hidden) cancel.click();
    },
  };
}

function cells(of: HiddenPart['of']): HiddenPart[] {
  const { rows, columns } = grids[of];
  return Array.from({ length: rows * columns }, (_, i) => ({
    of,
    rows,
    columns,
    row: Math.floor(i / columns),
    column: i % columns,
  }));
}

/** A picture of data with its cells tinted by how far the score fell without them. */
function view(of: HiddenPart['of'], pixels: ImageData, fallen: number[]): HTMLElement {
  const { rows, columns } = grids[of];
  const most = Math.max(...fallen);
  const strongest = Math.max(...fallen.map(Math.abs), 1e-6);
  const canvas = h('canvas', { width: pixels.width, height: pixels.height });
  if (of === 'picture') canvas.style.aspectRatio = `${pixels.width} / ${pixels.height}`;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  const tints = h('div', { class: 'tints', 'aria-hidden': 'true' });
  tints.style.gridTemplate = `repeat(${rows}, 1fr) / repeat(${columns}, 1fr)`;
  for (const value of fallen) {
    const tint = h('i', { class: value > 0 ? 'for' : 'against', 'data-fallen': value.toFixed(4) });
    tint.style.opacity = String(0.75 * (Math.abs(value) / strongest));
    tints.append(tint);
  }
  const caption = words.most(words[of], most);
  return h(
    'figure',
    { id: `explain-${of}` },
    h('div', { class: 'tinted', role: 'img', 'aria-label': caption }, canvas, tints),
    h('figcaption', { class: 'quiet', 'aria-hidden': 'true' }, caption),
  );
}
