import { Matrix } from 'ml-matrix';
import { sigmoid } from '#core/bundle/overWindows.ts';
import { matchRows } from '#core/datasets/pairs/matchRows.ts';
import { mayMismatch } from '#core/datasets/pairs/mismatch.ts';
import { type JudgedPair, rocAuc } from '#core/metrics.ts';
import { Random } from '#core/random.ts';
import { type Calibration, fitCalibration, logit } from '../../correspondence/calibrate.ts';
import { type CanonicalCorrelations, correlationsByRidge } from '../../correspondence/canonical/correlations.ts';
import type { EncodedClip } from '../../correspondence/canonical/encodeClips.ts';
import {
  momentsOfCategories,
  momentsOfClips,
  type PairMoments,
  poolMoments,
} from '../../correspondence/canonical/pairMoments.ts';
import type { Projection } from '../../model/matchHead.ts';

/** How much of a clip is heard and seen in a pair: a picture and the window around its moment, all windows, or all of both. */
export type Extent = 'moment' | 'sound' | 'clip';

export const extents: Extent[] = ['moment', 'sound', 'clip'];

/** What the head learns from; chosen, with a ridge, inside the clips that are learnt from. */
interface Moments {
  /** Of the branches' numbers: 1, as they are, or ½, their roots, so that a few large ones count for less. Signs stay. */
  power: number;
  /** Of the pairs by category. */
  share: number;
}

const powers = [1, 0.5];
const shares = [0, 0.25, 0.5];
const ridges = [3, 10, 30];
const innerFolds = 4;
const units = 256;

/** Clips to learn from, and others to judge by. */
export interface Part {
  learnt: EncodedClip[];
  held: EncodedClip[];
}

export interface CanonicalFoldsOptions {
  /** Of clips with sound and pictures. */
  parts: Part[];
  /** Sounds and pictures by category, to learn from beside the clips; none: from clips alone. */
  byCategory: EncodedClip[];
  seed: number;
  groupOf: (clip: EncodedClip) => string;
  say(line: string): void;
}

export interface JudgedFolds {
  /** Pictures with the sound of their own clip and of any other. */
  all: Record<Extent, JudgedPair[]>;
  /** With that of another clip of their group. */
  inGroups: Record<Extent, JudgedPair[]>;
}

/**
 * A canonical head for each part, judged on the clips that it has not learnt from. Power, share, ridge and threshold are chosen by cross-validation
 * among those that it learns from.
 */
export function judgeCanonicalFolds(options: CanonicalFoldsOptions): JudgedFolds {
  const { parts, byCategory, seed, groupOf, say } = options;
  const judged: JudgedFolds = { all: noPairs(), inGroups: noPairs() };
  const hasCategories = byCategory.length > 0;
  const momentsByPower = new Map(
    hasCategories ? powers.map((power) => [power, momentsOfCategories(raised(byCategory, power))]) : [],
  );
  const categories = (power: number) => momentsByPower.get(power) ?? null;
  const learntFrom = powers.flatMap((power) => (hasCategories ? shares : [0]).map((share) => ({ power, share })));
  for (const [part, { learnt, held }] of parts.entries()) {
    const inner = foldsOf(learnt, innerFolds, new Random(seed, 51)).map((fold) => ({
      ...fold,
      pairs: pairsOf(fold.held, seed),
    }));
    const tried = learntFrom.flatMap((moments) => {
      const heads = inner.map(({ learnt }) => headsOf(learnt, categories(moments.power), moments));
      return ridges.map((ridge) => {
        const scores = inner.map(({ held, pairs }, i) =>
          scorePairs((heads[i] as Heads)(ridge), raised(held, moments.power), pairs),
        );
        const areas = scores.map(({ moment }) => rocAuc(moment));
        const area = areas.reduce((sum, area) => sum + area, 0) / areas.length;
        return { choice: { ...moments, ridge }, scores, area };
      });
    });
    const best = tried.reduce((one, other) => (other.area > one.area ? other : one));
    const { power, share, ridge } = best.choice;
    const found = `ROC AUC ${best.area.toFixed(4)} among those learnt from`;
    say(`  part ${part + 1}: power ${power}, share ${share}, ridge ${ridge}, ${found}\n`);
    const head = headsOf(learnt, categories(power), best.choice)(ridge);
    const drawn = { all: pairsOf(held, seed), inGroups: pairsOf(held, seed, groupOf) };
    for (const kind of ['all', 'inGroups'] as const) {
      const scores = scorePairs(head, raised(held, power), drawn[kind]);
      for (const extent of extents) {
        const calibration = fitCalibration(best.scores.flatMap((own) => own[extent]));
        judged[kind][extent].push(...scores[extent].map((pair) => calibrated(pair, calibration)));
      }
    }
  }
  return judged;
}

function noPairs(): Record<Extent, JudgedPair[]> {
  return { moment: [], sound: [], clip: [] };
}

function calibrated(pair: JudgedPair, calibration: Calibration | null): JudgedPair {
  if (calibration === null) return pair;
  const { scale, shift } = calibration;
  return { ...pair, score: sigmoid(scale * logit(pair.score) + shift) };
}

/** The head with a ridge. */
type Heads = (ridge: number) => CanonicalCorrelations;

function headsOf(learnt: EncodedClip[], byCategory: PairMoments | null, { power, share }: Moments): Heads {
  const own = momentsOfClips(raised(learnt, power));
  const correlations = correlationsByRidge(byCategory ? poolMoments(own, byCategory, share) : own);
  return (ridge) => correlations({ ridge, units });
}

function raised(clips: EncodedClip[], power: number): EncodedClip[] {
  const raise = (row: Float32Array) => row.map((value) => Math.sign(value) * Math.abs(value) ** power);
  return clips.map(({ clip, sounds, pictures }) => ({
    clip,
    sounds: sounds.map(raise),
    pictures: pictures.map(({ row, window }) => ({ row: raise(row), window })),
  }));
}

/** Each clip is held out once. */
export function foldsOf(clips: EncodedClip[], count: number, random: Random): Part[] {
  const order = random.shuffle([...clips]);
  return Array.from({ length: count }, (_, fold) => ({
    learnt: order.filter((_, i) => i % count !== fold),
    held: order.filter((_, i) => i % count === fold),
  }));
}

/** A picture, and another clip's or its own. */
interface Pair {
  /** Positions among all pictures of the clips. */
  sound: number;
  picture: number;
  corresponds: boolean;
}

/** Every picture with the sound around it, and with that around a picture of another clip, which is alike in what `groupOf` says. */
function pairsOf(clips: EncodedClip[], seed: number, groupOf: (clip: EncodedClip) => string = () => ''): Pair[] {
  const owners = clips.flatMap((clip) => clip.pictures.map(() => clip));
  const groups = new Map<string, number[]>();
  for (const [row, clip] of owners.entries()) groups.set(groupOf(clip), [...(groups.get(groupOf(clip)) ?? []), row]);
  return [...groups.values()].flatMap((rows) => {
    const clipOf = (place: number) => (owners[rows[place] as number] as EncodedClip).clip;
    const { audioRows, imageRows, corresponds } = matchRows(
      rows.length,
      {
        ...{ rowsPerClip: 1, matchesPerClip: 1, hardShare: 0, areApart: () => false },
        mayMismatch: (i, j) => mayMismatch(clipOf(i), clipOf(j)),
      },
      new Random(seed, 52),
    );
    const pairs = Array.from(audioRows, (sound, i) => ({
      sound: rows[sound] as number,
      picture: rows[imageRows[i] as number] as number,
      corresponds: corresponds[i] === 1,
    }));
    // A picture that nothing of its group may be shown beside is in no pair.
    const isMismatched = new Set(pairs.flatMap(({ picture, corresponds }) => (corresponds ? [] : picture)));
    return pairs.filter(({ picture }) => isMismatched.has(picture));
  });
}

/** Scores whose logits are cosines, or the mean of several. */
function scorePairs(
  { projections }: CanonicalCorrelations,
  clips: EncodedClip[],
  pairs: Pair[],
): Record<Extent, JudgedPair[]> {
  const firstWindow = firstOf(clips.map(({ sounds }) => sounds.length));
  const firstPicture = firstOf(clips.map(({ pictures }) => pictures.length));
  const sounds = projected(
    clips.flatMap(({ sounds }) => sounds),
    projections.audio,
  );
  const pictures = projected(
    clips.flatMap(({ pictures }) => pictures.map(({ row }) => row)),
    projections.image,
  );
  const cosines = sounds.mmul(pictures.transpose());
  const ownerOf = clips.flatMap(({ pictures }, clip) => pictures.map(() => clip));
  const meanOf = (windows: [number, number], seen: [number, number]) =>
    cosines.subMatrix(windows[0], windows[1], seen[0], seen[1]).mean();
  const all = (first: number[], clip: number): [number, number] => [
    first[clip] as number,
    (first[clip + 1] as number) - 1,
  ];
  const scored = (extent: Extent): JudgedPair[] =>
    pairs.map(({ sound, picture, corresponds }) => {
      const [heard, seen] = [ownerOf[sound] as number, ownerOf[picture] as number];
      const moment = clips[heard]?.pictures[sound - (firstPicture[heard] as number)]?.window as number;
      const window = (firstWindow[heard] as number) + moment;
      const cosine = meanOf(
        extent === 'moment' ? [window, window] : all(firstWindow, heard),
        extent === 'clip' ? all(firstPicture, seen) : [picture, picture],
      );
      const sourceOf = (clip: number) => (clips[clip] as EncodedClip).clip.source;
      return { score: sigmoid(cosine), corresponds, sources: [sourceOf(heard), sourceOf(seen)] };
    });
  return { moment: scored('moment'), sound: scored('sound'), clip: scored('clip') };
}

/** Of lists one after the other: where each begins, and where the last ends. */
function firstOf(lengths: number[]): number[] {
  const first = [0];
  for (const length of lengths) first.push((first.at(-1) as number) + length);
  return first;
}

/** Rows of length 1. */
function projected(rows: Float32Array[], { kernel, bias }: Projection): Matrix {
  const all = new Matrix(rows.map((row) => Array.from(row))).mmul(new Matrix(kernel)).addRowVector(bias);
  const lengths = Matrix.mul(all, all).sum('row').map(Math.sqrt);
  return all.divColumnVector(lengths);
}
