import { logsOf } from '../calibrate.ts';
import { classifyExamples, type WindowRows } from '../judge.ts';
import type { ScoredRows } from '../temperature.ts';
import { type SvmClassifierOptions, svmClassifiers } from './svmClassifier.ts';

export interface HeldOutOptions extends Pick<SvmClassifierOptions, 'input' | 'classes'> {
  cost: number;
  /** Of each example. */
  categories: number[];
  /** Of each example: what is of one source is held out together. */
  sources: string[];
}

const most = 3; // parts, as Platt 1999, §2.2

/**
 * Scores of training examples by classifiers that have not learnt from them: cross-validation. Those of the classifier that has learnt
 * from them are all too sure.
 *
 * @returns null where there is one source only, and nothing can be held out.
 */
export function heldOutScores(windows: WindowRows, options: HeldOutOptions): ScoredRows | null {
  const { categories, sources, input, classes, cost } = options;
  const partOf = partsOfSources(categories, sources);
  const parts = new Set(partOf.values());
  if (parts.size < 2) return null;
  const result: ScoredRows = { scores: [], categories: [] };
  for (const part of parts) {
    const isHeldOut = (example: number) => partOf.get(sources[example] as string) === part;
    const [learnt, held] = [takeWindows(windows, (i) => !isHeldOut(i)), takeWindows(windows, isHeldOut)];
    const own = { input, classes, costs: [cost], categories: learnt.owners.map((i) => categories[i] as number) };
    const [fitted] = svmClassifiers(learnt.rows, own);
    const { model } = fitted as NonNullable<typeof fitted>;
    const examples = [...new Set(held.owners)];
    const placeOf = new Map(examples.map((example, place) => [example, place]));
    const owners = held.owners.map((owner) => placeOf.get(owner) as number);
    result.scores.push(...logsOf(classifyExamples(model, { rows: held.rows, owners })));
    result.categories.push(...examples.map((example) => categories[example] as number));
    model.dispose();
  }
  return result;
}

/** Each category's sources are shared out evenly. */
function partsOfSources(categories: number[], sources: string[]): Map<string, number> {
  const parts = new Map<string, number>();
  const counts = new Map<number, number>();
  for (const [i, source] of sources.entries()) {
    if (parts.has(source)) continue;
    const category = categories[i] as number;
    const count = counts.get(category) ?? 0;
    counts.set(category, count + 1);
    parts.set(source, (count + category) % most); // where each category has one source, they are not all held out at once
  }
  return parts;
}

function takeWindows({ rows, owners }: WindowRows, isTaken: (example: number) => boolean): WindowRows {
  const taken = [...owners.keys()].filter((i) => isTaken(owners[i] as number));
  return { rows: taken.map((i) => rows[i] as Float32Array), owners: taken.map((i) => owners[i] as number) };
}
