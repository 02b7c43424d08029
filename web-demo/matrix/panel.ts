import type { ImageInput } from '#core/bundle/manifest.ts';
import type { App, Panel } from '../app.ts';
import { h } from '../dom.ts';
import type { PictureInput, SoundInput } from '../engine/engine.ts';
import { pictureOf, soundOf } from '../engine/ofSample.ts';
import { latest } from '../latest.ts';
import { createNotice } from '../notice.ts';
import { formatPercent } from '../percent.ts';
import { pixelsOf } from '../picture/pixels.ts';
import { bySubject, type Sample, wordFor } from '../samples.ts';
import { createPlayer } from '../sound/player.ts';
import { judgedPart } from '../sound/sound.ts';
import { text } from '../text.ts';

/** What stands along a side of the matrix. */
interface Entry<Input> {
  title: string;
  word: string;
  input: Input;
}
type SoundEntry = Entry<SoundInput>;
type PictureEntry = Entry<PictureInput> & { url: string };

/** Of each kind, to begin with. */
const most = 6;

/** Several sounds with several pictures, as a heat map. */
export function createMatrixPanel(app: App): Panel {
  const { engine, manifest, samples } = app;
  const audio = manifest.input.audio as { sampleRate: number; samples: number };
  const notice = createNotice('matrix-error');
  const place = h('div', {
    id: 'matrix',
    class: 'matrix',
    tabIndex: 0,
    role: 'region',
    'aria-label': text.matrix.caption,
  });
  const player = createPlayer();
  const known = new Map<string, Promise<SoundEntry | PictureEntry>>();
  let isShown = false;

  const heard = chooser(text.matrix.sounds, samples.sounds, () => judge());
  const seen = chooser(text.matrix.pictures, samples.pictures, () => judge());

  function recall<E extends SoundEntry | PictureEntry>(sample: Sample, read: () => Promise<E>): Promise<E> {
    const entry = (known.get(sample.sha256) as Promise<E> | undefined) ?? read();
    known.set(sample.sha256, entry);
    entry.catch(() => known.delete(sample.sha256));
    return entry;
  }
  const soundEntry = (sample: Sample) =>
    recall<SoundEntry>(sample, async () => {
      return { title: sample.title, word: wordFor(sample.subject), input: await soundOf(engine, sample) };
    });
  const pictureEntry = (sample: Sample) =>
    recall<PictureEntry>(sample, async () => {
      const { title, subject, url } = sample;
      return { title, word: wordFor(subject), url, input: await pictureOf(engine, sample) };
    });

  const judge = latest(
    async () => {
      if (!isShown || engine.state.value.kind !== 'ready') return;
      const sounds = await Promise.all(heard.chosen().map(soundEntry));
      const pictures = await Promise.all(seen.chosen().map(pictureEntry));
      const { sound, picture } = { sound: app.sound.value, picture: app.picture.value };
      if (sound?.source.kind === 'own') {
        sounds.push({ title: sound.title, word: text.matrix.own, input: judgedPart(sound, audio.samples) });
      }
      if (picture && picture.source.kind !== 'sample') {
        pictures.push({ title: picture.title, word: text.matrix.own, url: thumbnail(picture.image), input: picture });
      }
      if (!sounds.length || !pictures.length) return place.replaceChildren(h('p', {}, text.matrix.empty));
      const scores = await engine.ask.matrix(
        sounds.map(({ input }) => input),
        pictures.map(({ input: { id, image } }) => ({ id, image })),
      );
      notice.clear();
      place.replaceChildren(table(sounds, pictures, scores));
    },
    (error) =>
      notice.show(error, () => {
        engine.revive();
        judge();
      }),
  );

  function thumbnail(image: Uint8Array): string {
    const { width, height } = manifest.input.image as ImageInput;
    const canvas = h('canvas', { width, height });
    canvas.getContext('2d')?.putImageData(pixelsOf(image, { width, height }), 0, 0);
    return canvas.toDataURL();
  }

  /** A row a sound, a column a picture. */
  function table(sounds: SoundEntry[], pictures: PictureEntry[], scores: number[][]): HTMLTableElement {
    const head = h(
      'tr',
      {},
      h('td'),
      ...pictures.map(({ title, word, url }) =>
        h(
          'th',
          { scope: 'col' },
          h('img', { src: url, alt: title, title, width: 56, height: 56 }),
          h('small', {}, word),
        ),
      ),
    );
    const rows = sounds.map((sound, column) => {
      const row = pictures.map((_, picture) => scores[picture]?.[column] as number);
      const best = row.indexOf(Math.max(...row));
      const play = () => player.play({ waveform: sound.input.waveform, sampleRate: audio.sampleRate });
      const name = h(
        'button',
        { type: 'button', class: 'heard', title: sound.title, onclick: play },
        `♪ ${sound.word}`,
      );
      const cells = row.map((score, i) =>
        cell({ sound, picture: pictures[i] as PictureEntry, score, isBest: i === best, play }),
      );
      return h('tr', {}, h('th', { scope: 'row' }, name), ...cells);
    });
    return h(
      'table',
      {},
      h('caption', { class: 'visually-hidden' }, text.matrix.caption),
      h('thead', {}, head),
      h('tbody', {}, ...rows),
    );
  }

  function cell(of: {
    sound: SoundEntry;
    picture: PictureEntry;
    score: number;
    isBest: boolean;
    play: () => void;
  }): HTMLElement {
    const { sound, picture, score, isBest, play } = of;
    const said = text.matrix.cell(sound.word, picture.word, score) + (isBest ? `, ${text.matrix.best}` : '');
    const button = h(
      'button',
      {
        type: 'button',
        class: isBest ? 'cell best' : 'cell',
        'aria-label': said,
        title: said,
        onclick: play,
        onmouseenter: play,
        onfocus: play,
        onmouseleave: player.stop,
        onblur: player.stop,
      },
      formatPercent(score),
    );
    button.dataset.score = String(score);
    button.style.setProperty('--score', String(score));
    return h('td', {}, button);
  }

  engine.state.watch(() => judge());
  return {
    element: h(
      'section',
      { class: 'card', 'aria-label': text.panels.matrix },
      h('p', { class: 'quiet' }, text.matrix.lead),
      heard.element,
      seen.element,
      notice.element,
      place,
    ),
    enter() {
      isShown = true;
      judge();
    },
    leave() {
      isShown = false;
      player.stop();
    },
  };
}

/** Boxes to tick, one for the first sample of each subject. */
function chooser(
  legend: string,
  samples: Sample[],
  onChange: () => void,
): { element: HTMLElement; chosen(): Sample[] } {
  const boxes = [...bySubject(samples).values()].map(([sample], i) => ({
    sample: sample as Sample,
    box: h('input', { type: 'checkbox', checked: i < most, onchange: onChange }),
  }));
  const labels = boxes.map(({ sample, box }) => h('label', { class: 'tick' }, box, wordFor(sample.subject)));
  return {
    element: h('fieldset', { class: 'ticks' }, h('legend', {}, legend), ...labels),
    chosen: () => boxes.filter(({ box }) => box.checked).map(({ sample }) => sample),
  };
}
