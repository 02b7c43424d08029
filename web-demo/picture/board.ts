import type { Point, Stroke } from './digit.ts';

export interface Board {
  readonly strokes: readonly Stroke[];
  /** Neither drawing nor picture. */
  readonly isEmpty: boolean;
  undo(): void;
  clear(): void;
  /** As if these strokes had been drawn on the empty board. */
  draw(strokes: readonly Stroke[]): void;
  /** Shows a picture in place of a drawing; the next stroke begins a new one. */
  show(picture: CanvasImageSource & { width: number; height: number }): void;
}

// Of the board's side: near MNIST's, for a digit that fills most of the board.
const penWidth = 1 / 11;

// Of the board's side, for each press of an arrow key.
const keyStep = 1 / 40;

/** A square canvas to draw on: white chalk on black, by pointer (mouse, finger, pen) or by keyboard. */
export function createBoard(canvas: HTMLCanvasElement, onChange: (strokes: readonly Stroke[]) => void): Board {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const size = canvas.width;
  let strokes: Stroke[] = [];
  let picture: (CanvasImageSource & { width: number; height: number }) | null = null;
  let pointer: number | null = null; // the one that draws: a palm or another finger does not
  let cursor: Point | null = null; // the keyboard's pen
  let penIsDown = false;

  function redraw() {
    context.clearRect(0, 0, size, size);
    if (picture) drawWhole(context, picture);
    context.strokeStyle = context.fillStyle = '#fff';
    context.lineWidth = penWidth * size;
    context.lineCap = context.lineJoin = 'round';
    for (const stroke of strokes) {
      context.beginPath();
      for (const { x, y } of stroke) context.lineTo(x * size, y * size);
      if (stroke.length === 1) context.lineTo((stroke[0] as Point).x * size, (stroke[0] as Point).y * size);
      context.stroke();
    }
    if (cursor) drawCursor(context, cursor, penIsDown);
  }

  function changed() {
    redraw();
    onChange(strokes);
  }

  function begin(point: Point) {
    picture = null;
    strokes = [...strokes, [point]];
  }

  function extend(point: Point) {
    strokes.at(-1)?.push(point);
  }

  function lift() {
    pointer = null;
    penIsDown = false;
  }

  const pointOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || pointer !== null) return;
    lift();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    cursor = null;
    begin(pointOf(event));
    changed();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pointer) return;
    const moves = event.getCoalescedEvents();
    for (const move of moves.length ? moves : [event]) extend(pointOf(move));
    changed();
  });
  canvas.addEventListener('lostpointercapture', (event) => {
    if (event.pointerId === pointer) lift();
  });

  canvas.addEventListener('keydown', (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (move) {
      const from = cursor ?? { x: 0.5, y: 0.5 };
      const [dx, dy] = move as [number, number];
      cursor = { x: clamp(from.x + dx * keyStep), y: clamp(from.y + dy * keyStep) };
      if (penIsDown) extend(cursor);
      if (penIsDown) changed();
      else redraw();
    } else if (event.key === ' ') {
      cursor ??= { x: 0.5, y: 0.5 };
      penIsDown = !penIsDown;
      if (penIsDown) begin(cursor);
      if (penIsDown) changed();
      else redraw();
    } else if (event.key === 'Backspace' || (event.key === 'z' && (event.ctrlKey || event.metaKey))) undo();
    else if (event.key === 'Delete') clear();
    else return;
    event.preventDefault();
  });
  canvas.addEventListener('blur', () => {
    cursor = null;
    penIsDown = false;
    redraw();
  });

  function undo() {
    if (strokes.length === 0) return; // a picture is no stroke
    lift();
    strokes = strokes.slice(0, -1);
    changed();
  }

  function clear() {
    lift();
    strokes = [];
    picture = null;
    changed();
  }

  return {
    get strokes() {
      return strokes;
    },
    get isEmpty() {
      return strokes.length === 0 && !picture;
    },
    undo,
    clear,
    draw(drawn) {
      lift();
      picture = null;
      strokes = drawn.map((stroke) => [...stroke]);
      changed();
    },
    show(shown) {
      lift();
      strokes = [];
      picture = shown;
      redraw();
    },
  };
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** As large as fits, in the middle. */
function drawWhole(
  context: CanvasRenderingContext2D,
  picture: CanvasImageSource & { width: number; height: number },
): void {
  const { width: size } = context.canvas;
  const scale = size / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, (size - width) / 2, (size - height) / 2, width, height);
}

function drawCursor(context: CanvasRenderingContext2D, { x, y }: Point, penIsDown: boolean): void {
  const { width: size } = context.canvas;
  context.beginPath();
  context.arc(x * size, y * size, (penWidth * size) / 2, 0, 2 * Math.PI);
  context.lineWidth = 4;
  context.strokeStyle = penIsDown ? '#f5b301' : '#9aa3b2';
  context.stroke();
}
