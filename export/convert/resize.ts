import type { Value } from '../onnx/value.ts';
import type { Nodes } from './nodes.ts';

/**
 * How a pixel of the result finds its place in the picture: first and last pixels lie on one another (`corners`), the upper left edges do
 * (`edges`), or the edges with pixels in the middle between them (`centres`).
 */
export type Placing = 'corners' | 'edges' | 'centres';

const modes: Record<Placing, Record<string, string>> = {
  corners: { coordinate_transformation_mode: 'align_corners' },
  edges: { coordinate_transformation_mode: 'asymmetric' },
  centres: { coordinate_transformation_mode: 'half_pixel' },
};

export interface ResizeOptions {
  mode: 'nearest' | 'linear';
  placing: Placing;
}

/** By whole factors along each direction. @param x batch, channels, then pixels. */
export function enlarge(nodes: Nodes, x: Value, factors: number[], options: ResizeOptions): Value {
  const scales = nodes.constant('scales', Float32Array.of(1, 1, ...factors), [factors.length + 2]);
  return nodes.op('Resize', [x, null, scales], attributesOf(options));
}

/**
 * @param x batch, channels, rows, columns.
 * @param size rows and columns of the result, int64.
 */
export function resize(nodes: Nodes, x: Value, size: Value, options: ResizeOptions): Value {
  if (options.mode === 'nearest') {
    const picked = pick(nodes, x, size, options.placing);
    if (picked) return picked;
  }
  const kept = [0, 1].map((axis) => nodes.op('Shape', [x], { start: axis, end: axis + 1 }, 'kept'));
  const sizes = nodes.op('Concat', [...kept, size], { axis: 0 }, 'sizes');
  return nodes.op('Resize', [x, null, null, sizes], attributesOf(options));
}

function attributesOf({ mode, placing }: ResizeOptions): Record<string, unknown> {
  if (mode === 'linear') return { ...modes[placing], mode };
  return { ...modes[placing], mode, nearest_mode: placing === 'edges' ? 'floor' : 'round_prefer_ceil' };
}

/** Where sizes are no whole multiples, ONNX Runtime rounds the factor to float32 and so may take a neighbour: rows and columns by number. */
function pick(nodes: Nodes, x: Value, size: Value, placing: Placing): Value | null {
  const [rows, columns] = x.shape.slice(2);
  const [height, width] = size.elements ?? [];
  if (![rows, columns, height, width].every((length) => typeof length === 'number')) return null;
  const sides = [
    { axis: 2, from: rows as number, to: height as number },
    { axis: 3, from: columns as number, to: width as number },
  ];
  if (placing !== 'corners' && sides.every(({ from, to }) => to % from === 0)) return null;
  return sides.reduce((value, { axis, from, to }) => {
    const picked = BigInt64Array.from({ length: to }, (_, at) => BigInt(nearest(at, { from, to, placing })));
    return nodes.op('Gather', [value, nodes.constant('picked', picked, [to])], { axis });
  }, x);
}

/** As tfjs' `resizeNearestNeighbor` picks. */
function nearest(at: number, { from, to, placing }: { from: number; to: number; placing: Placing }): number {
  const corners = placing === 'corners' && to > 1;
  const ratio = corners ? (from - 1) / (to - 1) : from / to;
  const exact = ratio * (placing === 'centres' ? at + 0.5 : at);
  return Math.min(from - 1, placing === 'corners' ? Math.round(exact) : Math.floor(exact));
}
