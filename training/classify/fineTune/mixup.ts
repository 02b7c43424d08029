import type { Random } from '#core/random.ts';
import { tf } from '../../tensorflow/load.ts';

/** How the rows of a batch are mixed with each other. Two lists of one length. */
export interface Mix {
  /** The row that each is mixed with. */
  partners: Int32Array;
  /** How much of a row is its own, 0.5 … 1. */
  shares: Float32Array;
}

/** mixup (Zhang et al. 2018), each row by a share of its own. @param alpha of the Beta distribution; 0: nothing is mixed. */
export function drawMix(rows: number, alpha: number, random: Random): Mix {
  const partners = Int32Array.from(random.shuffle(Array.from({ length: rows }, (_, row) => row)));
  const shares = Float32Array.from(partners, () => {
    const share = alpha === 0 ? 1 : betaVariate(alpha, random);
    return Math.max(share, 1 - share);
  });
  return { partners, shares };
}

/** @param x `[B, H, W, C]`. @returns `share × row + (1 − share) × partner`. */
export function mixRows(x: tf.Tensor4D, { partners, shares }: Mix): tf.Tensor4D {
  return tf.tidy(() => {
    const own = tf.tensor4d(shares, [shares.length, 1, 1, 1]);
    const others = tf.gather(x, tf.tensor1d(partners, 'int32'));
    return tf.add<tf.Tensor4D>(tf.mul(x, own), tf.mul(others, tf.sub(1, own)));
  });
}

/** Beta(α, α): of two gamma variates, the share of one. */
function betaVariate(alpha: number, random: Random): number {
  const one = gammaVariate(alpha, random);
  const other = gammaVariate(alpha, random);
  return one + other === 0 ? 0.5 : one / (one + other); // both may be too small for a number where α is
}

/** Marsaglia & Tsang 2000, with their step for shapes below 1. */
function gammaVariate(shape: number, random: Random): number {
  if (shape < 1) return gammaVariate(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}
