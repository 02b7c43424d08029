import type { EngineClient } from '../engine/client.ts';
import { latest } from '../latest.ts';
import { byId, showError } from '../page.ts';
import { createReading } from '../reading.ts';
import { createBoard } from './board.ts';
import { digitFromStrokes, digitSize, toRgb } from './digit.ts';

export interface PicturePanel {
  /** A picture file, as if it had been picked. */
  open(file: Blob | Promise<Blob>): Promise<void>;
}

/** Draw or pick a picture. `onImage` is given what the model sees of it, RGB uint8 `[28, 28, 3]`; null: nothing. */
export function createPicturePanel(engine: EngineClient, onImage: (image: Uint8Array | null) => void): PicturePanel {
  const undo = byId('undo', HTMLButtonElement);
  const clear = byId('clear', HTMLButtonElement);
  const file = byId('picture-file', HTMLInputElement);
  const error = byId('picture-error', HTMLElement);
  const hint = byId('board-hint', HTMLElement);
  const seen = byId('seen', HTMLCanvasElement);
  const reading = createReading(byId('picture-reading', HTMLElement), 'The model reads the picture as');

  const read = latest(
    async (image: Uint8Array | null) => reading.show(image && (await engine.see(image))[0]),
    (cause) => showError(error, cause),
  );

  function change(image: Uint8Array | null) {
    hint.hidden = !board.isEmpty;
    clear.disabled = board.isEmpty;
    undo.disabled = board.strokes.length === 0;
    showError(error, null);
    drawSeen(seen, image);
    read(image);
    onImage(image);
  }

  const board = createBoard(byId('board', HTMLCanvasElement), (strokes) => {
    const digit = digitFromStrokes(strokes);
    change(digit && toRgb(digit));
  });

  async function open(picked: Blob | Promise<Blob>) {
    try {
      const file = await picked;
      const image = await engine.readPicture(file);
      board.show(await createImageBitmap(file));
      change(image);
    } catch (cause) {
      showError(error, cause);
    }
  }

  undo.addEventListener('click', board.undo);
  clear.addEventListener('click', board.clear);
  file.addEventListener('change', async () => {
    const picked = file.files?.[0];
    if (picked) await open(picked);
    file.value = ''; // so that the same file can be picked again
  });
  drawSeen(seen, null);
  return { open };
}

function drawSeen(canvas: HTMLCanvasElement, image: Uint8Array | null): void {
  const pixels = new ImageData(digitSize, digitSize);
  for (let i = 0; i < digitSize ** 2; i++) {
    pixels.data.set([image?.[3 * i] ?? 0, image?.[3 * i + 1] ?? 0, image?.[3 * i + 2] ?? 0, 255], 4 * i);
  }
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}
