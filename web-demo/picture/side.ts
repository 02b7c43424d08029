import { createBars } from '../classify/bars.ts';
import type { Desk } from '../desk.ts';
import { fileButton, h } from '../dom.ts';
import { createHint } from '../hint.ts';
import { latest } from '../latest.ts';
import { createNotice } from '../notice.ts';
import { painted } from '../painted.ts';
import { loadSample, type Sample } from '../samples.ts';
import { createStrip } from '../strip.ts';
import { text } from '../text.ts';
import { createBoard } from './board.ts';
import { createCameraButton } from './cameraButton.ts';
import { digitFromStrokes, type Stroke, toRgb } from './digit.ts';
import type { Picture } from './picture.ts';
import { createSeen } from './seen.ts';

export interface PictureSide {
  element: HTMLElement;
  open(file: Blob, name?: string): Promise<void>;
  openSample(sample: Sample): Promise<void>;
  /** As if they had been drawn; null: the bundle's pictures are not drawn. */
  draw: ((strokes: readonly Stroke[]) => void) | null;
  /** Ends the camera. */
  rest(): void;
}

/** Where a picture is drawn, chosen, dropped, pasted or taken, and what the model sees and reads of it. */
export function createPictureSide(desk: Desk): PictureSide {
  const { engine, draws, manifest } = desk;
  const size = manifest.input.image as { width: number; height: number };
  const words = text.picture;
  const notice = createNotice('picture-error');
  const seen = createSeen(size);
  const bars = createBars('picture-reading', { sentence: words.reading, labels: labelsOf(desk, 'image') });
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
  const hint = createHint(desk.picture, {
    id: 'picture-hint',
    invitation: draws ? words.hint.digits : words.hint.photos,
    isEmpty: () => (board ? board.isEmpty : desk.picture.value === null),
  });
  const stage = h('div', { class: 'stage' }, draws ? canvas : photo, hint);
  const undo = h('button', { type: 'button', id: 'undo', disabled: true, onclick: () => board?.undo() }, words.undo);
  const clear = h(
    'button',
    { type: 'button', id: 'clear', disabled: true, onclick: () => board?.clear() },
    words.clear,
  );
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

  function take(about: Pick<Picture, 'id' | 'title' | 'source'>, load: () => Promise<Blob>): Promise<void> {
    let bitmap: ImageBitmap;
    return desk.picture.take({
      about,
      async come() {
        const file = await load();
        const image = await engine.ask.readPicture(file);
        if (board) bitmap = await createImageBitmap(file);
        return { image, file, ...about };
      },
      arrive: () => board?.show(bitmap),
    });
  }

  let own = 0;
  const open = (file: Blob, title: string = words.photographed) => {
    camera.close();
    return take({ id: `picture ${++own}`, title, source: { kind: 'own' } }, async () => file);
  };

  const openSample = (sample: Sample) => {
    camera.close();
    const { sha256: id, title, file } = sample;
    return take({ id, title, source: { kind: 'sample', file } }, () => loadSample(sample));
  };

  const camera = createCameraButton({ stage, onPhoto: open, onError: (error, retry) => notice.show(error, retry) });

  desk.picture.failure.watch((error) => (error ? notice.show(error, desk.picture.again) : notice.clear()));
  desk.picture.watch((picture) => {
    notice.clear();
    seen.show(picture?.image ?? null);
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
          onFiles: ([file]) => open(file, file.name),
        }),
        camera.element,
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
      h('figure', {}, h('figcaption', {}, words.sees), seen.element),
      bars.element && h('figure', {}, h('figcaption', {}, words.reads), bars.element),
    ),
  );
  return {
    element,
    open,
    openSample,
    draw: board && ((strokes) => board.draw(strokes)),
    rest: camera.close,
  };
}

/** Of the first classifier of that sense; null: there is none. */
export function labelsOf({ manifest }: Pick<Desk, 'manifest'>, sense: 'audio' | 'image'): string[] | null {
  return manifest.classifiers.find(({ input }) => input.startsWith(sense))?.labels ?? null;
}
