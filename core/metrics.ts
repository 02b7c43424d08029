/** One judged pair: the model's P(they belong together) in [0, 1], and whether they do. */
export interface JudgedPair {
  score: number;
  corresponds: boolean;
}

// Types, not interfaces, so that they pass for a Record<string, number>.

/** Of judged pairs, at the threshold 0.5. Low and high: where the true value lies with 95 % confidence. */
export type CorrespondenceMetrics = {
  pairs: number;
  /** Share of pairs on the right side of 0.5. */
  accuracy: number;
  accuracyLow: number;
  accuracyHigh: number;
  /** Of those judged to correspond, the share that does; 0 where none was. */
  precision: number;
  /** Of those that correspond, the share judged so. */
  recall: number;
  f1: number;
  rocAuc: number;
  rocAucLow: number;
  rocAucHigh: number;
  calibrationError: number;
};

/** @param judged at least one that corresponds and one that does not; else the ROC AUC is NaN. */
export function correspondenceMetrics(judged: readonly JudgedPair[]): CorrespondenceMetrics {
  const truth = judged.map(({ corresponds }) => Number(corresponds));
  const chosen = judged.map(({ score }) => Number(score >= 0.5));
  const share = rightShare(chosen, truth);
  const [accuracyLow, accuracyHigh] = shareInterval(share, judged.length);
  const area = rocAuc(judged);
  const positives = truth.filter(Boolean).length;
  const [rocAucLow, rocAucHigh] = rocAucInterval(area, { positives, negatives: judged.length - positives });
  return {
    pairs: judged.length,
    accuracy: share,
    accuracyLow,
    accuracyHigh,
    ...retrieval(1, { chosen, truth }),
    rocAuc: area,
    rocAucLow,
    rocAucHigh,
    calibrationError: calibrationError(judged.map(({ score, corresponds }) => ({ score, isRight: corresponds }))),
  };
}

/** Of classified items. Low and high: where the true value lies with 95 % confidence. */
export type ClassificationMetrics = {
  items: number;
  /** Share of items whose most probable class is theirs. */
  accuracy: number;
  accuracyLow: number;
  accuracyHigh: number;
  /** Means over the classes that occur, as an item's or as the one chosen. */
  macroPrecision: number;
  macroRecall: number;
  macroF1: number;
  /** Of each class that items have, the area of those against all others; their mean. */
  rocAuc: number;
  /** Of the chosen class's probability. */
  calibrationError: number;
};

/**
 * @param probabilities of each item, `[classes]`; the first of equals is chosen.
 * @param classes of each item, a position in its probabilities; at least two different ones, else the ROC AUC is NaN.
 */
export function classificationMetrics(
  probabilities: readonly Float32Array[],
  classes: readonly number[],
): ClassificationMetrics {
  const chosen = probabilities.map((row) => row.indexOf(Math.max(...row)));
  const share = rightShare(chosen, classes);
  const [accuracyLow, accuracyHigh] = shareInterval(share, classes.length);
  const occurring = [...new Set([...classes, ...chosen])];
  const retrievals = occurring.map((category) => retrieval(category, { chosen, truth: classes }));
  const areas = [...new Set(classes)].map((category) =>
    rocAuc(probabilities.map((row, i) => ({ score: row[category] as number, corresponds: classes[i] === category }))),
  );
  return {
    items: classes.length,
    accuracy: share,
    accuracyLow,
    accuracyHigh,
    macroPrecision: mean(retrievals.map(({ precision }) => precision)),
    macroRecall: mean(retrievals.map(({ recall }) => recall)),
    macroF1: mean(retrievals.map(({ f1 }) => f1)),
    rocAuc: mean(areas),
    calibrationError: calibrationError(
      probabilities.map((row, i) => ({ score: Math.max(...row), isRight: chosen[i] === classes[i] })),
    ),
  };
}

const calibrationBins = 15;

/**
 * Expected calibration error (Naeini et al. 2015): over fifteen equally wide bins of the scores, the mean difference between how high they
 * are and how often they are right, each bin counting as many as are in it.
 *
 * @returns a number in [0, 1]; 0: of the answers that say 0.8, eight in ten are right.
 */
export function calibrationError(answers: readonly { score: number; isRight: boolean }[]): number {
  const bins = Array.from({ length: calibrationBins }, () => ({ scores: 0, right: 0 }));
  for (const { score, isRight } of answers) {
    const bin = bins[Math.min(calibrationBins - 1, Math.floor(score * calibrationBins))] as (typeof bins)[number];
    bin.scores += score;
    bin.right += Number(isRight);
  }
  return bins.reduce((sum, { scores, right }) => sum + Math.abs(scores - right), 0) / answers.length;
}

/**
 * A classifier's answer about a whole sound from its answers about the sound's windows: their normalised geometric mean, which is the
 * softmax of the mean log-probability. Of a linear classifier these are the mean scores, as *Look, Listen and Learn* averages them.
 *
 * @param rows probabilities `[classes]` of each window, at least one; a 0 counts as float32's smallest normal number.
 * @returns `[classes]`, adding up to 1.
 */
export function overWindows(rows: readonly Float32Array[]): Float32Array {
  const smallest = 2 ** -126;
  const logs = Array.from(rows[0] as Float32Array, (_, category) =>
    mean(rows.map((row) => Math.log(Math.max(row[category] as number, smallest)))),
  );
  const highest = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
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

/** Of the standard normal distribution, 95 % lies within ± this. */
const z95 = 1.959964;

/** Wilson score interval of a share (Wilson 1927): where the true share lies with 95 % confidence. */
export function shareInterval(share: number, count: number): [low: number, high: number] {
  const centre = share + z95 ** 2 / (2 * count);
  const half = z95 * Math.sqrt((share * (1 - share)) / count + z95 ** 2 / (4 * count ** 2));
  return [(centre - half) / (1 + z95 ** 2 / count), (centre + half) / (1 + z95 ** 2 / count)];
}

/** Where the true area under the ROC curve lies with 95 % confidence (Hanley and McNeil 1982). */
export function rocAucInterval(
  area: number,
  { positives, negatives }: { positives: number; negatives: number },
): [low: number, high: number] {
  const twoPositives = area / (2 - area); // P(two positives both score above one negative)
  const twoNegatives = (2 * area ** 2) / (1 + area); // P(one positive scores above two negatives)
  const variance =
    (area * (1 - area) + (positives - 1) * (twoPositives - area ** 2) + (negatives - 1) * (twoNegatives - area ** 2)) /
    (positives * negatives);
  const half = z95 * Math.sqrt(Math.max(0, variance)); // rounding may take an area of 1 below 0
  return [Math.max(0, area - half), Math.min(1, area + half)];
}

interface Choices {
  chosen: readonly number[];
  truth: readonly number[];
}

/** Of one class; a share of nothing is 0, as with scikit-learn's `zero_division=0`. */
function retrieval(category: number, { chosen, truth }: Choices): { precision: number; recall: number; f1: number } {
  const right = truth.filter((actual, i) => actual === category && chosen[i] === category).length;
  const found = chosen.filter((choice) => choice === category).length;
  const actual = truth.filter((actual) => actual === category).length;
  return { precision: right / (found || 1), recall: right / (actual || 1), f1: (2 * right) / (found + actual || 1) };
}

function rightShare(chosen: readonly number[], truth: readonly number[]): number {
  return truth.filter((actual, i) => chosen[i] === actual).length / truth.length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
