/** One judged pair: the model's P(they belong together) in [0, 1], and whether they do. */
export interface JudgedPair {
  score: number;
  corresponds: boolean;
}

/** @returns the share of pairs on the right side of 0.5, in [0, 1]. */
export function accuracy(pairs: readonly JudgedPair[]): number {
  return pairs.filter(({ score, corresponds }) => score >= 0.5 === corresponds).length / pairs.length;
}

/**
 * Area under the ROC curve: the chance that a matching pair scores above a mismatched one, ties counting half
 * (the Mann–Whitney statistic, by ranks).
 *
 * @returns a number in [0, 1]; NaN where either kind of pair is missing.
 */
export function rocAuc(pairs: readonly JudgedPair[]): number {
  const sorted = [...pairs].sort((a, b) => a.score - b.score);
  const positives = sorted.filter((pair) => pair.corresponds).length;
  const negatives = sorted.length - positives;
  let rankSum = 0;
  for (let first = 0; first < sorted.length; ) {
    let end = first;
    while (end < sorted.length && sorted[end]?.score === sorted[first]?.score) end++;
    const meanRank = (first + 1 + end) / 2; // ranks first+1 … end, shared by the tied
    for (let i = first; i < end; i++) if (sorted[i]?.corresponds) rankSum += meanRank;
    first = end;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * Wilson score interval of a share (Wilson 1927): where the true share lies with 95 % confidence.
 */
export function confidenceInterval(share: number, count: number): [low: number, high: number] {
  const z = 1.959964;
  const centre = share + z ** 2 / (2 * count);
  const half = z * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return [(centre - half) / (1 + z ** 2 / count), (centre + half) / (1 + z ** 2 / count)];
}
