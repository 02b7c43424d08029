import { type Backend, backends, type EngineSettings } from './engine/settings.ts';
import type { Point, Stroke } from './picture/digit.ts';
import type { Picture } from './picture/picture.ts';
import type { Sound } from './sound/sound.ts';

/** What the page's address says, so that a link restores what was there. */
export interface Address {
  settings: EngineSettings;
  /** File names of samples. */
  picture: string | null;
  sound: string | null;
  startSeconds: number | null;
  strokes: Stroke[] | null;
}

const variants = ['fp32', 'fp16', 'int8'] as const;

/** @param query as `location.search`. What it says that is not understood counts as not said. */
export function readAddress(query: string, defaultBackend: Backend): Address {
  const values = new URLSearchParams(query);
  const among = <T extends string>(name: string, allowed: readonly T[], otherwise: T) =>
    allowed.find((value) => value === values.get(name)) ?? otherwise;
  const start = Number.parseFloat(values.get('from') ?? '');
  return {
    settings: {
      model: values.get('model'),
      variant: among('variant', variants, 'fp32'),
      backend: among('backend', backends, defaultBackend),
    },
    picture: values.get('picture'),
    sound: values.get('sound'),
    startSeconds: start >= 0 ? start : null,
    strokes: readStrokes(values.get('strokes')),
  };
}

/** @returns the query of a link to what is there; `isWhole` is false where the visitor's own files cannot be part of it. */
export function writeAddress(now: {
  model: string;
  settings: EngineSettings;
  picture: Picture | null;
  sound: Sound | null;
}): { query: string; isWhole: boolean } {
  const { model, settings, picture, sound } = now;
  const values = new URLSearchParams({ model, variant: settings.variant, backend: settings.backend });
  if (picture?.source.kind === 'sample') values.set('picture', picture.source.file);
  if (picture?.source.kind === 'strokes') values.set('strokes', writeStrokes(picture.source.strokes));
  if (sound?.source.kind === 'sample') values.set('sound', sound.source.file);
  if (sound && sound.startSeconds !== null) values.set('from', sound.startSeconds.toFixed(2));
  const isWhole = picture?.source.kind !== 'own' && sound?.source.kind !== 'own';
  return { query: `?${values}`, isWhole };
}

// Strokes as base64 of bytes: of each its number of points, then of each point x and y, two bytes a number; the board's side is 65,535.
const side = 65_535;

function writeStrokes(strokes: readonly Stroke[]): string {
  const numbers = strokes.flatMap((stroke) => [
    stroke.length,
    ...stroke.flatMap(({ x, y }) => [x, y].map((value) => Math.round(side * Math.min(1, Math.max(0, value))))),
  ]);
  const letters = numbers.map((value) => String.fromCharCode(value >> 8, value & 255)).join('');
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function readStrokes(written: string | null): Stroke[] | null {
  if (!written) return null;
  let letters: string;
  try {
    letters = atob(written.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
  const numbers = Array.from(
    { length: letters.length >> 1 },
    (_, i) => (letters.charCodeAt(2 * i) << 8) | letters.charCodeAt(2 * i + 1),
  );
  const strokes: Stroke[] = [];
  for (let at = 0; at < numbers.length; ) {
    const length = numbers[at++] as number;
    const points: Point[] = [];
    for (let i = 0; i < length && at + 1 < numbers.length; i++, at += 2) {
      points.push({ x: (numbers[at] as number) / side, y: (numbers[at + 1] as number) / side });
    }
    if (points.length) strokes.push(points);
  }
  return strokes.length ? strokes : null;
}
