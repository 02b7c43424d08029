/** Rows of scores, and the class that each should have. */
export interface ScoredRows {
  /** `[classes]` each. */
  scores: Float32Array[];
  /** Of each row. */
  categories: number[];
}

/** Float32 has no probabilities below e⁻⁸⁷; half of that leaves room for rows that differ more than these. */
const mostSpread = 40;

/**
 * The factor that makes a softmax of scores the best probabilities: the least negative log-likelihood (Guo et al. 2017, their
 * temperature's inverse). Where the scores are all right, it would be endless: it goes as far as float32 tells the classes apart.
 *
 * @returns 1 where no row tells any class from another.
 */
export function sharpness({ scores, categories }: ScoredRows): number {
  const spread = Math.max(...scores.map((row) => Math.max(...row) - Math.min(...row)));
  if (spread === 0) return 1;
  const loss = (logFactor: number) => {
    const factor = Math.exp(logFactor);
    return scores.reduce((sum, row, i) => {
      const highest = Math.max(...row);
      const total = row.reduce((sum, score) => sum + Math.exp(factor * (score - highest)), 0);
      return sum + Math.log(total) - factor * ((row[categories[i] as number] as number) - highest);
    }, 0);
  };
  // Golden-section search: the loss has one lowest point.
  const ratio = (Math.sqrt(5) - 1) / 2;
  const end = Math.log(mostSpread / spread);
  let [low, high] = [end - 12, end];
  while (high - low > 1e-3) {
    const [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
