import { intervalOverSources, type Statistic } from './intervals.ts';

/** The model's P(they belong together) in [0, 1], and whether they do. */
export interface ScoredPair {
  score: number;
  corresponds: boolean;
}

export interface JudgedPair extends ScoredPair {
  /** What the sound and the picture come from: a clip, a recording, a photo. */
  sources: readonly [sound: string, picture: string];
}

// Types, not interfaces, so that they pass for a Record<string, number>.

/** Of judged pairs, at the threshold 0.5. Low and high: where the true value lies with 95 % confidence, whichever sources are drawn. */
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
  const isRight = truth.map((actual, i) => Number(chosen[i] === actual));
  const sources = judged.map((pair) => pair.sources);
  const [accuracyLow, accuracyHigh] = intervalOverSources(shareStatistic(isRight, truth), sources);
  const ofArea = areaStatistic(judged);
  const [rocAucLow, rocAucHigh] = intervalOverSources(ofArea, sources);
  return {
    pairs: judged.length,
    accuracy: share,
    accuracyLow,
    accuracyHigh,
    ...retrieval(1, { chosen, truth }),
    rocAuc: ofArea.estimate,
    rocAucLow,
    rocAucHigh,
    calibrationError: calibrationError(judged.map(({ score, corresponds }) => ({ score, isRight: corresponds }))),
  };
}

export interface ClassifiedItem {
  category: number;
  /** What it comes from: of one recording, or video, there may be several items. */
  source: string;
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
 * @param items their classes are positions in their probabilities; at least two different ones, else the ROC AUC is NaN.
 */
export function classificationMetrics(
  probabilities: readonly Float32Array[],
  items: readonly ClassifiedItem[],
): ClassificationMetrics {
  const classes = items.map((item) => item.category);
  const chosen = probabilities.map((row) => row.indexOf(Math.max(...row)));
  const share = rightShare(chosen, classes);
  const isRight = classes.map((category, i) => Number(chosen[i] === category));
  const [accuracyLow, accuracyHigh] = intervalOverSources(
    shareStatistic(isRight),
    items.map(({ source }) => [source, source]),
  );
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

/** A probability that was given, and whether what it was given for is so. */
export interface Answer {
  score: number;
  isRight: boolean;
}

/** Answers that say about the same. */
export interface ReliabilityBin {
  answers: number;
  /** How high the scores are: their mean. */
  score: number;
  /** How often they are right. */
  share: number;
}

/** Fifteen equally wide bins of the scores, but for the empty ones. */
export function reliabilityBins(answers: readonly Answer[]): ReliabilityBin[] {
  const bins = Array.from({ length: calibrationBins }, () => ({ count: 0, scores: 0, right: 0 }));
  for (const { score, isRight } of answers) {
    const bin = bins[Math.min(calibrationBins - 1, Math.floor(score * calibrationBins))] as (typeof bins)[number];
    bin.count++;
    bin.scores += score;
    bin.right += Number(isRight);
  }
  return bins
    .filter(({ count }) => count > 0)
    .map(({ count, scores, right }) => ({ answers: count, score: scores / count, share: right / count }));
}

/**
 * Expected calibration error (Naeini et al. 2015): over the bins, the mean difference between how high scores are and how often they are
 * right, each bin counting as many as are in it.
 *
 * @returns a number in [0, 1]; 0: of the answers that say 0.8, eight in ten are right.
 */
export function calibrationError(answers: readonly Answer[]): number {
  const gaps = reliabilityBins(answers).map(({ answers, score, share }) => answers * Math.abs(score - share));
  return sum(gaps) / answers.length;
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
 * A share of things of which there are several kinds, as many of each as was decided.
 *
 * @param isRight 1 or 0 of each. @param kinds of each, from 0; default all alike.
 */
function shareStatistic(isRight: readonly number[], kinds: readonly number[] = isRight.map(() => 0)): Statistic {
  const count = Math.max(...kinds) + 1;
  const sizes = new Float64Array(count);
  const rights = new Float64Array(count);
  const add = (sign: number, sizes: Float64Array, rights: Float64Array, i: number) => {
    const kind = kinds[i] as number;
    sizes[kind] = (sizes[kind] as number) + sign;
    rights[kind] = (rights[kind] as number) + sign * (isRight[i] as number);
  };
  for (let i = 0; i < kinds.length; i++) add(1, sizes, rights, i);
  return {
    estimate: mean(isRight),
    parts: Float64Array.from(isRight, (right, i) => {
      const kind = kinds[i] as number;
      return (right - (rights[kind] as number) / (sizes[kind] as number)) / isRight.length;
    }),
    without(things) {
      const [sizesLeft, rightsLeft] = [sizes.slice(), rights.slice()];
      for (const i of things) add(-1, sizesLeft, rightsLeft, i);
      return sizes.reduce((total, size, kind) => {
        const left = sizesLeft[kind] as number;
        const share = left > 0 ? (rightsLeft[kind] as number) / left : (rights[kind] as number) / size;
        return size > 0 ? total + (size / isRight.length) * share : total;
      }, 0);
    },
  };
}

/**
 * Area under the ROC curve: the chance that a matching pair scores above a mismatched one, ties counting half
 * (the Mann–Whitney statistic, by ranks).
 *
 * @returns a number in [0, 1]; NaN where either kind of pair is missing.
 */
export function rocAuc(pairs: readonly ScoredPair[]): number {
  return areaOf(pairs, placementsOf(pairs));
}

/** Its parts are those of DeLong, DeLong and Clarke-Pearson 1988. */
function areaStatistic(pairs: readonly ScoredPair[]): Statistic {
  const placements = placementsOf(pairs);
  const estimate = areaOf(pairs, placements);
  const positives = pairs.filter(({ corresponds }) => corresponds).length;
  const negatives = pairs.length - positives;
  return {
    estimate,
    parts: Float64Array.from(
      placements,
      (placement, i) => (placement - estimate) / (pairs[i]?.corresponds ? positives : negatives),
    ),
    without(things) {
      const [own, others] = [true, false].map((kind) => things.filter((i) => pairs[i]?.corresponds === kind));
      const [ownPositives, ownNegatives] = [own as number[], others as number[]];
      const left = (positives - ownPositives.length) * (negatives - ownNegatives.length);
      if (left === 0) return estimate;
      const wins = (list: number[], each: number) => list.reduce((sum, i) => sum + each * (placements[i] as number), 0);
      const scoreOf = (i: number) => (pairs[i] as ScoredPair).score;
      let twice = 0; // what both lists would take off
      for (const i of ownPositives) for (const j of ownNegatives) twice += (Math.sign(scoreOf(i) - scoreOf(j)) + 1) / 2;
      const all = estimate * positives * negatives;
      return (all - wins(ownPositives, negatives) - wins(ownNegatives, positives) + twice) / left;
    },
  };
}

/**
 * Of each matching pair, the share of mismatched ones that score below it; of each mismatched one, the share of matching ones that score
 * above it. Ties count half.
 */
function placementsOf(pairs: readonly ScoredPair[]): number[] {
  const order = [...pairs.keys()].sort((a, b) => (pairs[a] as ScoredPair).score - (pairs[b] as ScoredPair).score);
  const at = (place: number) => pairs[order[place] as number];
  const positives = pairs.filter(({ corresponds }) => corresponds).length;
  const negatives = pairs.length - positives;
  const placements = new Array<number>(pairs.length);
  let [positivesBelow, negativesBelow] = [0, 0];
  for (let first = 0; first < order.length; ) {
    let end = first;
    while (end < order.length && at(end)?.score === at(first)?.score) end++;
    const tied = order.slice(first, end);
    const tiedPositives = tied.filter((i) => pairs[i]?.corresponds).length;
    const tiedNegatives = tied.length - tiedPositives;
    for (const i of tied) {
      placements[i] = pairs[i]?.corresponds
        ? (negativesBelow + tiedNegatives / 2) / negatives
        : (positives - positivesBelow - tiedPositives / 2) / positives;
    }
    positivesBelow += tiedPositives;
    negativesBelow += tiedNegatives;
    first = end;
  }
  return placements;
}

function areaOf(pairs: readonly ScoredPair[], placements: readonly number[]): number {
  if (pairs.every(({ corresponds }) => corresponds)) return Number.NaN;
  return mean(placements.filter((_, i) => pairs[i]?.corresponds));
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
  return sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
