import { sigmoid } from '#core/bundle/overWindows.ts';
import type { ScoredPair } from '#core/metrics.ts';
import { tf } from '../tensorflow/load.ts';

/** P(they belong together) = σ(scale × logit + shift). */
export interface Calibration {
  scale: number;
  shift: number;
}

/**
 * Platt scaling (Platt 1999): the scale and the shift of the logits that make them the best probabilities, by Newton's method; few pairs
 * cannot drive them far (a normal prior of deviation 10).
 *
 * @param pairs judged, of both kinds.
 * @returns null: pairs that match score lower than others, so that the best scale is below 0; what judges worse than chance is not turned
 * round, which would hide it.
 */
export function fitCalibration(pairs: readonly ScoredPair[]): Calibration | null {
  const rows = pairs.map(({ score, corresponds }) => ({ x: logit(score), y: Number(corresponds) }));
  const prior = 1e-2;
  let [scale, shift] = [1, 0];
  for (let i = 0; i < 50; i++) {
    let [g0, g1, h00, h01, h11] = [prior * (scale - 1), prior * shift, prior, 0, prior];
    for (const { x, y } of rows) {
      const p = sigmoid(scale * x + shift);
      const weight = p * (1 - p);
      g0 += (p - y) * x;
      g1 += p - y;
      h00 += weight * x * x;
      h01 += weight * x;
      h11 += weight;
    }
    const determinant = h00 * h11 - h01 * h01;
    const [stepScale, stepShift] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
    const most = Math.max(Math.abs(stepScale), Math.abs(stepShift));
    const share = Math.min(1, 1 / most); // a first step may overshoot
    scale -= share * stepScale;
    shift -= share * stepShift;
    if (most < 1e-9) break;
  }
  return scale < 0 ? null : { scale, shift };
}

/** Puts the calibration into the head's last layer. @param match softmax over (mismatched, corresponds). */
export function calibrateMatch(match: tf.LayersModel, { scale, shift }: Calibration): void {
  tf.tidy(() => {
    const last = match.getLayer('probabilities');
    const [kernel, bias] = last.getWeights() as [tf.Tensor2D, tf.Tensor1D];
    last.setWeights([tf.mul(kernel, scale), tf.add(tf.mul(bias, scale), [-shift / 2, shift / 2])]);
  });
}

/** Float32 has probabilities of 0 and 1. */
export function logit(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p / (1 - p));
}
