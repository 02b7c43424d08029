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
  /** What it says that is not understood, as `name=value`. */
  lost: string[];
}

const variants = ['fp32', 'fp16', 'int8'] as const;

/** @param query as `location.search`. */
export function readAddress(query: string, defaultBackend: Backend): Address {
  const values = new URLSearchParams(query);
  const lost: string[] = [];
  /** What `understand` makes of a value; null: it is not there, or not understood. */
  const read = <T>(name: string, understand: (value: string) => T | null | undefined): T | null => {
    const value = values.get(name);
    if (value === null) return null;
    const understood = understand(value) ?? null;
    if (understood === null) lost.push(`${name}=${value}`);
    return understood;
  };
  return {
    settings: {
      model: values.get('model'),
      variant: read('variant', (value) => variants.find((known) => known === value)) ?? 'fp32',
      backend: read('backend', (value) => backends.find((known) => known === value)) ?? defaultBackend,
    },
    picture: values.get('picture'),
    sound: values.get('sound'),
    startSeconds: read('from', (value) => (/^\d+(\.\d+)?$/.test(value) ? Number(value) : null)),
    strokes: read('strokes', readStrokes),
    lost,
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
  const isWhole = picture?.source.kind !== 'own' && (!sound || sound.source.kind === 'sample');
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

/** @returns null for what `writeStrokes` cannot have written. */
function readStrokes(written: string): Stroke[] | null {
  let letters: string;
  try {
    letters = atob(written.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
  if (letters.length % 2 === 1) return null;
  const numbers = Array.from(
    { length: letters.length / 2 },
    (_, i) => (letters.charCodeAt(2 * i) << 8) | letters.charCodeAt(2 * i + 1),
  );
  const strokes: Stroke[] = [];
  for (let at = 0; at < numbers.length; ) {
    const end = at + 1 + 2 * (numbers[at++] as number);
    if (end > numbers.length || end === at) return null;
    const points: Point[] = [];
    for (; at < end; at += 2) points.push({ x: (numbers[at] as number) / side, y: (numbers[at + 1] as number) / side });
    strokes.push(points);
  }
  return strokes.length ? strokes : null;
}
