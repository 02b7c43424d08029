/**
 * A drawing → the picture the network learnt from. MNIST's images were made so: the digit's bounding box fitted to 20 × 20 keeping its
 * shape, scaled with anti-aliasing, then moved by whole pixels until its centre of mass is in the middle of 28 × 28 (LeCun et al. 1998).
 */

/** On the board: x to the right and y down, each in [0, 1]. */
export interface Point {
  x: number;
  y: number;
}

/** Where the pen went between being put down and lifted. */
export type Stroke = Point[];

/** uint8 `[height, width]`: 0 paper, 255 ink. */
export interface Ink {
  width: number;
  height: number;
  values: Uint8Array;
}

export const digitSize = 28;
const boxSize = 20;

// The middle of a digit's stroke is 2.67 pixels wide on average over MNIST's training images (full width at half the ink).
const penWidth = 2.67;

// The pen's dots for each pixel of the box, in each direction.
const dots = 8;

// What is smaller than this share of the board is not a digit yet.
const smallestExtent = 0.04;

/** @returns uint8 `[28, 28]`, 0 paper, 255 ink; the same for a digit drawn anywhere, large or small; null where none is drawn. */
export function digitFromStrokes(strokes: readonly Stroke[]): Uint8Array | null {
  const points = strokes.flat();
  const left = Math.min(...points.map(({ x }) => x));
  const top = Math.min(...points.map(({ y }) => y));
  const width = Math.max(...points.map(({ x }) => x)) - left;
  const height = Math.max(...points.map(({ y }) => y)) - top;
  const extent = Math.max(width, height);
  if (!(extent >= smallestExtent)) return null;
  // The box holds the path and half a pen around it.
  const scale = (dots * (boxSize - penWidth)) / extent;
  const radius = (dots * penWidth) / 2;
  const place = ({ x, y }: Point) => ({ x: (x - left) * scale + radius, y: (y - top) * scale + radius });
  return digitFromInk(
    rasterise(
      strokes.map((stroke) => stroke.map(place)),
      { radius, width: Math.ceil(width * scale + 2 * radius), height: Math.ceil(height * scale + 2 * radius) },
    ),
  );
}

/** @returns as {@link digitFromStrokes}, of a drawing in pixels. */
export function digitFromInk(ink: Ink): Uint8Array | null {
  const digit = crop(ink);
  return digit && centre(reduce(digit, boxSize / Math.max(digit.width, digit.height)));
}

/** @returns RGB uint8 `[28, 28, 3]`. */
export function toRgb(digit: Uint8Array): Uint8Array {
  const image = new Uint8Array(3 * digit.length);
  for (const [i, value] of digit.entries()) image.fill(value, 3 * i, 3 * i + 3);
  return image;
}

/** Every dot within the pen's radius of the path. */
function rasterise(
  strokes: Stroke[],
  { radius, width, height }: { radius: number; width: number; height: number },
): Ink {
  const values = new Uint8Array(width * height);
  const mark = (from: Point, to: Point) => {
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length2 = dx * dx + dy * dy;
    const firstY = Math.max(0, Math.floor(Math.min(from.y, to.y) - radius));
    const lastY = Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + radius));
    const firstX = Math.max(0, Math.floor(Math.min(from.x, to.x) - radius));
    const lastX = Math.min(width - 1, Math.ceil(Math.max(from.x, to.x) + radius));
    for (let y = firstY; y <= lastY; y++) {
      for (let x = firstX; x <= lastX; x++) {
        const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
        const along = length2 > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / length2)) : 0;
        if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= radius ** 2) values[y * width + x] = 255;
      }
    }
  };
  for (const stroke of strokes) {
    for (const [i, point] of stroke.entries()) mark(stroke[i - 1] ?? point, point);
  }
  return { width, height, values };
}

/** The smallest part that holds all ink; null: there is none. */
function crop({ width, height, values }: Ink): Ink | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (values[i] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  if (right < 0) return null;
  const cropped = new Uint8Array((right - left + 1) * (bottom - top + 1));
  for (let y = top; y <= bottom; y++) {
    cropped.set(values.subarray(y * width + left, y * width + right + 1), (y - top) * (right - left + 1));
  }
  return { width: right - left + 1, height: bottom - top + 1, values: cropped };
}

/** Scales so that every new pixel is the mean of the area that it covers. */
function reduce(ink: Ink, scale: number): Ink {
  const across = overlaps(ink.width, scale);
  const down = overlaps(ink.height, scale);
  const values = new Uint8Array(across.length * down.length);
  for (const [y, rows] of down.entries()) {
    for (const [x, columns] of across.entries()) {
      let sum = 0;
      for (const row of rows) {
        for (const column of columns) {
          sum += row.share * column.share * (ink.values[row.at * ink.width + column.at] as number);
        }
      }
      values[y * across.length + x] = Math.round(sum);
    }
  }
  return { width: across.length, height: down.length, values };
}

/** Along one side: for each new pixel, the old ones that it covers and the share of it that each makes up. */
function overlaps(size: number, scale: number): { at: number; share: number }[][] {
  const count = Math.ceil(size * scale - 1e-6); // against rounding: 20.000000001 pixels are 20
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i / scale, (i + 1) / scale];
    const covered: { at: number; share: number }[] = [];
    for (let at = Math.floor(from); at < Math.min(size, to); at++) {
      const share = (Math.min(at + 1, to) - Math.max(at, from)) * scale;
      if (share > 0) covered.push({ at, share });
    }
    return covered;
  });
}

/** Moves the centre of mass to within half a pixel of the middle, by whole pixels as MNIST did. */
function centre({ width, height, values }: Ink): Uint8Array {
  let [mass, massX, massY] = [0, 0, 0];
  for (const [i, value] of values.entries()) {
    mass += value;
    massX += value * (i % width);
    massY += value * Math.floor(i / width);
  }
  const shiftX = keepInside(Math.round(digitSize / 2 - massX / mass), width);
  const shiftY = keepInside(Math.round(digitSize / 2 - massY / mass), height);
  const digit = new Uint8Array(digitSize * digitSize);
  for (let y = 0; y < height; y++) {
    digit.set(values.subarray(y * width, (y + 1) * width), (y + shiftY) * digitSize + shiftX);
  }
  return digit;
}

/** A very lopsided digit would otherwise lose its far end. */
function keepInside(shift: number, size: number): number {
  return Math.min(Math.max(shift, 0), digitSize - size);
}
