import { z } from 'zod';

/**
 * How the windows of a long sound make one score.
 *
 * - `max`: the highest of theirs. The more windows, the higher one of them scores by luck.
 * - `mean-odds`: P/(1 − P) is the mean of the windows' odds. It is what Bayes' rule gives where the picture's sound is in one of the windows
 *   and each is as likely: the likelihood ratio of the sound is then the mean of the windows'.
 *   A window of odds w among n counts w/n, so that luck has to grow with the sound.
 *
 * Of a single window both are its own score.
 */
export const windowRuleSchema = z.enum(['max', 'mean-odds']).default('max');
export type WindowRule = z.infer<typeof windowRuleSchema>;

/**
 * @param logOdds of each window, at least one.
 * @returns the log-odds of the whole sound.
 */
export function combineWindows(rule: WindowRule, logOdds: Float32Array): number {
  const highest = logOdds.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (rule === 'max') return highest;
  const sum = logOdds.reduce((total, value) => total + Math.exp(value - highest), 0); // the largest is 1: no overflow
  return highest + Math.log(sum / logOdds.length);
}

/** P from log-odds. */
export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
