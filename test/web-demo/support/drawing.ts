import { digitImageSize } from '#core/datasets/digits.ts';
import type { Ink, Point, Stroke } from '../../../web-demo/picture/digit.ts';

/** Where a digit stands on a larger board. */
export interface Placement {
  /** The board's side in pixels. */
  board: number;
  /** Board pixels for each pixel of the digit. */
  scale: number;
  x: number;
  y: number;
}

/** An MNIST digit on a board, each of its pixels a square. */
export function placeOnBoard(digit: Uint8Array, { board, scale, x, y }: Placement): Ink {
  const values = new Uint8Array(board * board);
  for (let boardY = 0; boardY < board; boardY++) {
    for (let boardX = 0; boardX < board; boardX++) {
      values[boardY * board + boardX] = pixelAt(
        digit,
        Math.floor((boardX - x) / scale),
        Math.floor((boardY - y) / scale),
      );
    }
  }
  return { width: board, height: board, values };
}

function pixelAt(digit: Uint8Array, x: number, y: number): number {
  const isInside = x >= 0 && y >= 0 && x < digitImageSize && y < digitImageSize;
  return isInside ? (digit[y * digitImageSize + x] as number) : 0;
}

/** The ten digits as people write them, on a board of side 1. */
export const handwriting: Stroke[][] = [
  [arc({ x: 0.5, y: 0.5, width: 0.2, height: 0.32, from: -90, to: 270 })],
  [line([0.4, 0.3], [0.52, 0.2], [0.52, 0.8])],
  [[...arc({ x: 0.5, y: 0.36, width: 0.18, height: 0.17, from: -170, to: 40 }), ...line([0.33, 0.8], [0.72, 0.79])]],
  [
    [
      ...arc({ x: 0.47, y: 0.35, width: 0.19, height: 0.16, from: -150, to: 90 }),
      ...arc({ x: 0.47, y: 0.66, width: 0.22, height: 0.16, from: -90, to: 150 }),
    ],
  ],
  [line([0.36, 0.22], [0.3, 0.55], [0.7, 0.55]), line([0.6, 0.2], [0.58, 0.82])],
  [
    [...line([0.38, 0.22], [0.36, 0.48]), ...arc({ x: 0.47, y: 0.63, width: 0.2, height: 0.18, from: -120, to: 140 })],
    line([0.38, 0.22], [0.68, 0.2]),
  ],
  [[...line([0.6, 0.18], [0.42, 0.4]), ...arc({ x: 0.5, y: 0.64, width: 0.17, height: 0.17, from: -180, to: 190 })]],
  [line([0.3, 0.24], [0.7, 0.22], [0.48, 0.82])],
  [
    [
      ...arc({ x: 0.5, y: 0.35, width: 0.15, height: 0.15, from: -60, to: -270 }),
      ...arc({ x: 0.5, y: 0.66, width: 0.18, height: 0.16, from: -90, to: 270 }),
      ...arc({ x: 0.5, y: 0.35, width: 0.15, height: 0.15, from: 90, to: -60 }),
    ],
  ],
  [[...arc({ x: 0.48, y: 0.36, width: 0.16, height: 0.16, from: 0, to: -360 }), ...line([0.64, 0.36], [0.6, 0.82])]],
];

function line(...corners: [x: number, y: number][]): Stroke {
  return corners.map(([x, y]) => ({ x, y }));
}

/** Angles in degrees, clockwise from the right, as y points down. */
function arc({
  x,
  y,
  width,
  height,
  from,
  to,
}: Point & { width: number; height: number; from: number; to: number }): Stroke {
  return Array.from({ length: 33 }, (_, i) => {
    const angle = ((from + (i / 32) * (to - from)) * Math.PI) / 180;
    return { x: x + width * Math.cos(angle), y: y + height * Math.sin(angle) };
  });
}
