/**
 * A long sound's log-odds from those of its windows: the highest, less what luck gives the highest of many.
 *
 * Log-odds of windows that do not match have a tail that falls about exponentially, so that the highest of n of them grows by its scale times
 * ln n (Gumbel 1958, extremes of the exponential type). The manifest's `matching.windowDiscount` is that scale; 0: the highest as it is. Of a
 * single window the result is its own.
 *
 * @param logOdds of each window, log(P / (1 − P)); at least one.
 */
export function overWindows(logOdds: Float32Array, windowDiscount: number): number {
  const highest = logOdds.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return highest - windowDiscount * Math.log(logOdds.length);
}

/** P from log-odds. */
export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
