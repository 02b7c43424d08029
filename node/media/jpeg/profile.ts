import { textAt, viewOf } from '#core/media/formats/bytes.ts';

/** Brings RGB pixels to sRGB, in place. */
export type ColourChange = (rgb: Uint8Array | Uint8ClampedArray) => void;

/** sRGB's red, green and blue in the space that profiles refer to (XYZ under D50), by rows, turned round (ICC's sRGB, IEC 61966-2-1). */
const fromXyz = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];
const fromLinear = (value: number) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

/** Steps of light that the result is looked up by: at its darkest, where sRGB is steepest, a third of a step of the result each. */
const steps = 2 ** 13;
let encoded: Uint8Array | undefined;

/**
 * What a profile of three curves and a matrix (ICC.1:2022, 8.4.3) means: sRGB, Display P3, Adobe RGB and most others of cameras and
 * telephones. Colours that sRGB does not have are cut off at its ends, as lcms does.
 *
 * @returns null for a profile of another kind, or a damaged one.
 */
export function colourChange(profile: Uint8Array): ColourChange | null {
  const tags = readTags(profile);
  if (!tags || tags.has('A2B0')) return null;
  const curves = ['rTRC', 'gTRC', 'bTRC'].map((name) => readCurve(tags.get(name)));
  const columns = ['rXYZ', 'gXYZ', 'bXYZ'].map((name) => readXyz(tags.get(name)));
  const [red, green, blue] = curves.map((curve) => curve && lookUp(curve));
  if (!red || !green || !blue || columns.includes(null)) return null;
  const matrix = fromXyz.map((row) =>
    (columns as number[][]).map((xyz) => xyz.reduce((sum, value, i) => sum + value * (row[i] as number), 0)),
  );
  return isSrgb(matrix, [red, green, blue]) ? () => {} : changeBy(matrix.flat(), { red, green, blue });
}

interface Light {
  /** float32 `[256]` each, from 0 to 1. */
  red: Float32Array;
  green: Float32Array;
  blue: Float32Array;
}

function changeBy(matrix: number[], { red, green, blue }: Light): ColourChange {
  encoded ??= Uint8Array.from({ length: steps + 1 }, (_, i) => Math.round(255 * fromLinear(i / steps)));
  const table = encoded;
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = matrix.map((value) => value * steps) as [
    ...[number, number, number],
    ...[number, number, number],
    ...[number, number, number],
  ];
  const place = (light: number) => (light <= 0 ? 0 : light >= steps ? steps : Math.round(light));
  return (rgb) => {
    for (let i = 0; i < rgb.length; i += 3) {
      const r = red[rgb[i] as number] as number;
      const g = green[rgb[i + 1] as number] as number;
      const b = blue[rgb[i + 2] as number] as number;
      rgb[i] = table[place(rr * r + rg * g + rb * b)] as number;
      rgb[i + 1] = table[place(gr * r + gg * g + gb * b)] as number;
      rgb[i + 2] = table[place(br * r + bg * g + bb * b)] as number;
    }
  };
}

/** Whether no colour changes by more than the rounding of a profile's numbers. */
function isSrgb(matrix: number[][], curves: Float32Array[]): boolean {
  const isSame = matrix.every((row, i) => row.every((value, j) => Math.abs(value - (i === j ? 1 : 0)) < 2e-3));
  return (
    isSame && curves.every((curve) => curve.every((light, i) => Math.abs(fromLinear(light) - i / 255) < 0.25 / 255))
  );
}

function readTags(profile: Uint8Array): Map<string, Uint8Array> | null {
  if (profile.length < 132 || textAt(profile, 16, 4) !== 'RGB ' || textAt(profile, 20, 4) !== 'XYZ ') return null;
  const view = viewOf(profile);
  const count = view.getUint32(128);
  const tags = new Map<string, Uint8Array>();
  if (132 + 12 * count > profile.length) return null;
  for (let at = 132; at < 132 + 12 * count; at += 12) {
    const [start, length] = [view.getUint32(at + 4), view.getUint32(at + 8)];
    if (start + length > profile.length) return null;
    tags.set(textAt(profile, at, 4), profile.subarray(start, start + length));
  }
  return tags;
}

function readXyz(tag: Uint8Array | undefined): number[] | null {
  if (!tag || tag.length < 20 || textAt(tag, 0, 4) !== 'XYZ ') return null;
  return [8, 12, 16].map((at) => viewOf(tag).getInt32(at) / 65536);
}

type Curve = (value: number) => number;

function readCurve(tag: Uint8Array | undefined): Curve | null {
  if (!tag || tag.length < 12) return null;
  const kind = textAt(tag, 0, 4);
  return kind === 'curv' ? readSampled(tag) : kind === 'para' ? readParametric(tag) : null;
}

function readSampled(tag: Uint8Array): Curve | null {
  const view = viewOf(tag);
  const count = view.getUint32(8);
  if (tag.length < 12 + 2 * count) return null;
  if (count === 0) return (value) => value;
  if (count === 1) return (value) => value ** (view.getUint16(12) / 256);
  return (value) => {
    const at = value * (count - 1);
    const below = Math.min(count - 2, Math.floor(at));
    const [low, high] = [view.getUint16(12 + 2 * below), view.getUint16(14 + 2 * below)];
    return (low + (high - low) * (at - below)) / 65535;
  };
}

/** ICC.1:2022, table 68. */
function readParametric(tag: Uint8Array): Curve | null {
  const kind = viewOf(tag).getUint16(8);
  const count = [1, 3, 4, 5, 7][kind];
  if (!count || tag.length < 12 + 4 * count) return null;
  const [g, a = 1, b = 0, c, d, e = 0, f = 0] = Array.from(
    { length: count },
    (_, i) => viewOf(tag).getInt32(12 + 4 * i) / 65536,
  ) as [number, ...number[]];
  if (kind === 0) return (x) => x ** g;
  const power = (x: number) => Math.max(0, a * x + b) ** g;
  if (kind === 1) return (x) => (x >= -b / a ? power(x) : 0);
  if (kind === 2) return (x) => (x >= -b / a ? power(x) + (c as number) : (c as number));
  return (x) => (x >= (d as number) ? power(x) + e : (c as number) * x + f);
}

/** @returns float32 `[256]`; null where it is not of numbers. */
function lookUp(curve: Curve): Float32Array | null {
  const light = Float32Array.from({ length: 256 }, (_, i) => Math.min(1, Math.max(0, curve(i / 255))));
  return light.some(Number.isNaN) ? null : light;
}
