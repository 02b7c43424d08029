import type { ClassifierInput } from '../../config.ts';
import type { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import type { Golden, Moments } from './file.ts';

// Inputs made from seeds by + − × ÷ alone, so that every engine makes the same bits.

/**
 * Stretches of red noise, of tones with all their overtones and of near silence, at loudnesses from full scale to far below, so that each filter
 * finds something.
 *
 * @returns `[samples]` float32 in [-1, 1].
 */
export function goldenWaveform(seed: number, samples: number): Float32Array {
  const random = new Random(seed, 1);
  const waveform = new Float32Array(samples);
  const stretch = Math.ceil(samples / 40);
  let smoothed = 0;
  let phase = 0;
  let [gain, isTone, cycles] = [0, false, 0];
  for (let n = 0; n < samples; n++) {
    if (n % stretch === 0) {
      gain = cube(random.uniform());
      isTone = random.uniform() < 0.5;
      cycles = 0.25 * cube(random.uniform()); // per sample: up to half the highest frequency
    }
    smoothed = 0.8 * smoothed + 0.2 * random.uniform(-1, 1);
    phase += cycles;
    if (phase >= 1) phase -= 1;
    waveform[n] = gain * (isTone ? 2 * phase - 1 : smoothed);
  }
  return waveform;
}

/** Mostly near 0; without `**`, whose last bit depends on the engine. */
function cube(value: number): number {
  return value * value * value;
}

/**
 * A scribble, bright on black or black on bright, from every odd seed; from every even one four quarters of stripes, scribbles and coarse grids
 * of colours, under noise.
 *
 * @returns RGB uint8 `[height, width, 3]`.
 */
export function goldenImage(seed: number, size: { width: number; height: number }): Uint8Array {
  const random = new Random(seed, 2);
  const image = new Uint8Array(size.height * size.width * 3);
  if (seed % 2 === 1) {
    paint(image, size, { ...size, left: 0, top: 0, shadeAt: strokes(random, size), noise: 0, random });
    return image;
  }
  const quarter = { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
  for (const [i, texture] of [stripes, strokes, grid, strokes].entries()) {
    const place = { left: (i % 2) * quarter.width, top: Math.floor(i / 2) * quarter.height };
    paint(image, size, { ...quarter, ...place, shadeAt: texture(random, quarter), noise: 24 * i, random });
  }
  return image;
}

interface Patch {
  left: number;
  top: number;
  width: number;
  height: number;
  shadeAt: (x: number, y: number) => Colour;
  /** Width of the noise, of 255. */
  noise: number;
  random: Random;
}

function paint(image: Uint8Array, size: { width: number; height: number }, patch: Patch): void {
  const { left, top, shadeAt, noise, random } = patch;
  for (let y = top; y < Math.min(size.height, top + patch.height); y++) {
    for (let x = left; x < Math.min(size.width, left + patch.width); x++) {
      const shade = shadeAt(x - left, y - top);
      for (let channel = 0; channel < 3; channel++) {
        const value = (shade[channel] as number) + random.integer(noise + 1) - noise / 2;
        image[3 * (y * size.width + x) + channel] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  }
}

type Colour = [red: number, green: number, blue: number];
/** Draws a texture of this size. @returns its colour at a place. */
type Texture = (random: Random, size: { width: number; height: number }) => (x: number, y: number) => Colour;

const anyColour = (random: Random): Colour => [random.integer(256), random.integer(256), random.integer(256)];

/** A line from place to place to place, bright on black or black on bright, with soft edges. */
const strokes: Texture = (random, { width, height }) => {
  const isBright = random.uniform() < 0.75;
  const thickness = random.uniform(0.05, 0.09) * width;
  const places = Array.from({ length: 5 }, () => ({
    x: random.uniform(0.15, 0.85) * width,
    y: random.uniform(0.15, 0.85) * height,
  }));
  const lines = places.slice(1).map((to, i) => ({ from: places[i] as Place, to }));
  return (x, y) => {
    const nearest = Math.min(...lines.map((line) => squaredDistance({ x, y }, line)));
    const ink = 255 * Math.max(0, Math.min(1, 1.5 - nearest / (thickness * thickness)));
    const shade = isBright ? ink : 255 - ink;
    return [shade, shade, shade];
  };
};

/** Two colours in turn, at any slant. */
const stripes: Texture = (random, { width }) => {
  const [one, other] = [anyColour(random), anyColour(random)];
  const [along, across] = [random.uniform(-8, 8) / width, random.uniform(-8, 8) / width];
  return (x, y) => {
    const turn = x * along + y * across;
    return turn - Math.floor(turn) < 0.5 ? one : other;
  };
};

const grid: Texture = (random, { width, height }) => {
  const colours = Array.from({ length: 4 * 4 }, () => anyColour(random));
  return (x, y) => colours[4 * Math.floor((4 * y) / height) + Math.floor((4 * x) / width)] as Colour;
};

interface Place {
  x: number;
  y: number;
}

function squaredDistance(place: Place, { from, to }: { from: Place; to: Place }): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const along = ((place.x - from.x) * dx + (place.y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const share = Math.max(0, Math.min(1, along));
  const [ex, ey] = [place.x - from.x - share * dx, place.y - from.y - share * dy];
  return ex * ex + ey * ey;
}

/** Rows that each head is checked by. */
const headRows = 64;

/** So many standard deviations wide is a uniform distribution to either side. */
const halfWidth = 1.7320508075688772;

/**
 * Rows for a head that reads this: drawn at the place and width of real ones, in each dimension apart. The first is zero, where the head's
 * biases stand alone.
 */
export function goldenRows(input: ClassifierInput, { mean, deviation }: Moments): Matrix {
  const columns = mean.length;
  const random = new Random(1, streams[input]);
  const data = new Float32Array(headRows * columns);
  for (let i = columns; i < data.length; i++) {
    const column = i % columns;
    data[i] = (mean[column] as number) + (deviation[column] as number) * halfWidth * random.uniform(-1, 1);
  }
  return { data, rows: headRows, columns };
}

const streams: Record<ClassifierInput, number> = {
  audio_embedding: 3,
  image_embedding: 4,
  audio_features: 5,
  image_features: 6,
};

/** @returns what the match head reads: as many sounds as pictures. */
export function goldenPairs({ moments }: Pick<Golden, 'moments'>): { audio: Matrix; image: Matrix } | null {
  const { audio_embedding: audio, image_embedding: image } = moments;
  return audio && image
    ? { audio: goldenRows('audio_embedding', audio), image: goldenRows('image_embedding', image) }
    : null;
}
