import { createBars } from '../classify/bars.ts';
import type { Desk } from '../desk.ts';
import { fileButton, h } from '../dom.ts';
import { latest } from '../latest.ts';
import { createNotice } from '../notice.ts';
import { painted } from '../painted.ts';
import { loadSample, type Sample } from '../samples.ts';
import { createStrip } from '../strip.ts';
import { text } from '../text.ts';
import { createBoard } from './board.ts';
import { type Camera, openCamera } from './camera.ts';
import { digitFromStrokes, type Stroke, toRgb } from './digit.ts';
import type { Picture } from './picture.ts';
import { createSeen } from './seen.ts';

export interface PictureSide {
  element: HTMLElement;
  /** Says what cannot be taken. */
  refuse(error: Error): void;
  open(file: Blob, name?: string): Promise<void>;
  openSample(sample: Sample): Promise<void>;
  /** As if they had been drawn; only where the bundle's pictures are drawn. */
  draw(strokes: readonly Stroke[]): void;
}

/** Where a picture is drawn, chosen, dropped, pasted or taken, and what the model sees and reads of it. */
export function createPictureSide(desk: Desk): PictureSide {
  const { engine, draws, manifest } = desk;
  const size = manifest.input.image as { width: number; height: number };
  const words = text.picture;
  const notice = createNotice('picture-error');
  const seen = createSeen(size);
  const bars = createBars('picture-reading', { sentence: words.reading, labels: labelsOf(desk, 'image') });
  const hint = h('p', {
    class: 'hint',
    id: 'picture-hint',
    textContent: draws ? words.hint.digits : words.hint.photos,
  });
  const photo = h('img', { id: 'photo', alt: '', hidden: true });
  const canvas = h('canvas', {
    id: 'board',
    width: 560,
    height: 560,
    tabIndex: 0,
    role: 'application', // only so do screen readers leave it the arrow keys
    'aria-label': words.board,
    'aria-describedby': 'board-keys',
  });
  const board = draws ? createBoard(canvas, drawn) : null;
  const stage = h('div', { class: 'stage' }, draws ? canvas : photo, hint);
  const undo = h('button', { type: 'button', id: 'undo', disabled: true, onclick: () => board?.undo() }, words.undo);
  const clear = h(
    'button',
    { type: 'button', id: 'clear', disabled: true, onclick: () => board?.clear() },
    words.clear,
  );
  const cameraButton = h('button', { type: 'button', id: 'camera', onclick: () => startCamera() }, words.camera);
  let shown = '';
  let lastDrawing = 0;

  const read = latest(
    async (picture: Picture | null) => {
      if (!picture) return bars.show(null);
      await painted();
      const [classification] = await engine.ask.see(picture);
      if (desk.picture.value === picture) bars.show(classification);
    },
    (error) => {
      // That the model itself has failed is said elsewhere, and it reads again when it is there.
      if (engine.state.value.kind !== 'failed') notice.show(error, () => read(desk.picture.value));
    },
  );

  /** What the board was drawn on. */
  function drawn(strokes: readonly Stroke[]) {
    const digit = digitFromStrokes(strokes);
    const source = { kind: 'strokes', strokes } as const;
    const id = `drawing ${++lastDrawing}`;
    desk.picture.set(digit && { id, image: toRgb(digit), title: words.drawn, source, file: null });
  }

  async function take(file: Blob, about: Pick<Picture, 'title' | 'source'>, id: string) {
    try {
      const image = await engine.ask.readPicture(file);
      if (board) board.show(await createImageBitmap(file));
      desk.picture.set({ id, image, file, ...about });
    } catch (error) {
      notice.show(error, () => take(file, about, id));
    }
  }

  let own = 0;
  const open = (file: Blob, name: string = words.photographed) =>
    take(file, { title: name, source: { kind: 'own' } }, `picture ${++own}`);

  async function openSample(sample: Sample) {
    try {
      const about = { title: sample.title, source: { kind: 'sample', file: sample.file } } as const;
      await take(await loadSample(sample), about, sample.sha256);
    } catch (error) {
      notice.show(error, () => openSample(sample));
    }
  }

  async function startCamera() {
    notice.clear();
    cameraButton.disabled = true;
    try {
      const camera = await openCamera();
      await useCamera(camera);
    } catch (error) {
      notice.show(error, startCamera);
    } finally {
      cameraButton.disabled = false;
    }
  }

  /** Shows what the camera sees over the stage until a photo is taken or not. */
  function useCamera(camera: Camera): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        camera.close();
        overlay.remove();
        cameraButton.focus();
        resolve();
      };
      const shoot = h('button', { type: 'button', id: 'take-photo', class: 'primary' }, words.take);
      shoot.onclick = () => camera.take().then(open).then(end, reject);
      const overlay = h(
        'div',
        { class: 'camera' },
        camera.view,
        h('div', { class: 'over' }, shoot, h('button', { type: 'button', onclick: end }, words.close)),
      );
      stage.append(overlay);
      shoot.focus();
    });
  }

  desk.picture.watch((picture) => {
    notice.clear();
    seen.show(picture?.image ?? null);
    hint.hidden = board ? !board.isEmpty : picture !== null;
    clear.disabled = board?.isEmpty ?? true;
    undo.disabled = (board?.strokes.length ?? 0) === 0;
    if (!board) {
      if (shown) URL.revokeObjectURL(shown);
      shown = picture?.file ? URL.createObjectURL(picture.file) : '';
      photo.hidden = !shown;
      photo.alt = picture?.title ?? '';
      if (shown) photo.src = shown;
    }
    read(picture);
  });
  engine.state.watch(({ kind }) => kind === 'ready' && read(desk.picture.value));

  const element = h(
    'section',
    { id: 'picture', class: 'side', 'aria-labelledby': 'picture-title' },
    h('h2', { id: 'picture-title' }, words.title),
    h(
      'div',
      { class: 'work' },
      stage,
      h(
        'div',
        { class: 'tools' },
        draws && undo,
        draws && clear,
        fileButton({
          id: 'picture-file',
          text: words.open,
          label: words.openLabel,
          accept: 'image/*',
          onFile: (file) => open(file, file.name),
        }),
        cameraButton,
      ),
    ),
    draws && h('p', { class: 'visually-hidden', id: 'board-keys' }, words.boardKeys),
    notice.element,
    createStrip(desk.samples.pictures, {
      id: 'picture-samples',
      kind: 'picture',
      legend: words.samples,
      onPick: openSample,
    }),
    h(
      'div',
      { class: 'perception' },
      h('figure', {}, seen.element, h('figcaption', {}, words.sees)),
      bars.element && h('figure', {}, bars.element, h('figcaption', {}, words.reads)),
    ),
  );
  return {
    element,
    refuse: (error) => notice.show(error),
    open,
    openSample,
    draw: (strokes) => board?.draw(strokes),
  };
}

/** Of the first classifier of that sense; null: there is none. */
export function labelsOf({ manifest }: Pick<Desk, 'manifest'>, sense: 'audio' | 'image'): string[] | null {
  return manifest.classifiers.find(({ input }) => input.startsWith(sense))?.labels ?? null;
}
