import type { Random } from '#core/random.ts';
import { tf } from '../tensorflow/load.ts';
import type { AugmentOptions } from './config.ts';

/** How each picture of a batch is seen. */
export interface Views {
  /** The part that is shown, `[top, left, bottom, right]`; 0 and 1 are the picture's edges. */
  parts: [top: number, left: number, bottom: number, right: number][];
  /** Of each picture how much of its detail is lost, 0 … 1; `[B]`. */
  blurs: Float32Array;
  /** Share of the pixels along a side that are left where detail is lost; one for the batch. */
  detail: number;
  /** What is blanked, as `parts`. */
  holes: [top: number, left: number, bottom: number, right: number][];
}

const leastDetail = 0.35; // of a side

export function drawViews(rows: number, { zoom, aspect, blur, cutOut }: AugmentOptions['view'], random: Random): Views {
  const part = (): Views['parts'][number] => {
    const size = 1 - random.uniform(0, zoom);
    const stretched = Math.sqrt((1 + aspect) ** random.uniform(-1, 1));
    const [height, width] = [Math.min(1, size * stretched), Math.min(1, size / stretched)];
    const [top, left] = [random.uniform(0, 1 - height), random.uniform(0, 1 - width)];
    return [top, left, top + height, left + width];
  };
  const hole = (): Views['holes'][number] => {
    const [height, width] = [random.uniform(0, cutOut), random.uniform(0, cutOut)];
    const [top, left] = [random.uniform(0, 1 - height), random.uniform(0, 1 - width)];
    return [top, left, top + height, left + width];
  };
  return {
    parts: Array.from({ length: rows }, part),
    blurs: Float32Array.from({ length: rows }, () => {
      const strength = random.uniform();
      return random.uniform() < blur ? strength : 0;
    }),
    detail: random.uniform(leastDetail, 1),
    holes: Array.from({ length: rows }, hole),
  };
}

/** @param pictures `[B, H, W, 3]`. @returns the same shape; holes have the mean of all that a picture can show: 0. */
export function viewPictures(pictures: tf.Tensor4D, { parts, blurs, detail, holes }: Views): tf.Tensor4D {
  return tf.tidy(() => {
    const [rows, height, width] = pictures.shape;
    const places = tf.tensor1d(Int32Array.from({ length: rows }, (_, row) => row));
    const shown = tf.image.cropAndResize(pictures, tf.tensor2d(parts), places, [height, width], 'bilinear');
    const small: [number, number] = [Math.ceil(height * detail), Math.ceil(width * detail)];
    const coarse = tf.image.resizeBilinear(tf.image.resizeBilinear(shown, small), [height, width]);
    const blurred = tf.add(shown, tf.mul(tf.sub(coarse, shown), tf.tensor4d(blurs, [rows, 1, 1, 1])));
    return tf.mul<tf.Tensor4D>(blurred, holesMask(holes, [height, width]));
  });
}

/** @returns `[B, H, W, 1]`: 0 in the holes, else 1. */
function holesMask(holes: Views['holes'], [height, width]: [number, number]): tf.Tensor4D {
  const mask = new Float32Array(holes.length * height * width).fill(1);
  for (const [row, [top, left, bottom, right]] of holes.entries()) {
    for (let y = Math.round(top * height); y < Math.round(bottom * height); y++) {
      const start = (row * height + y) * width;
      mask.fill(0, start + Math.round(left * width), start + Math.round(right * width));
    }
  }
  return tf.tensor4d(mask, [holes.length, height, width, 1]);
}
