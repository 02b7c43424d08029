import type { Example } from '../classify/examples.ts';
import { judgeExamples, type WindowRows } from '../classify/judge.ts';
import { svmClassifiers } from '../classify/probe/svmClassifier.ts';
import type { tf } from '../tensorflow/load.ts';

interface ProbeOptions {
  classes: number;
  /** Of which one is chosen. */
  costs: number[];
  /** What stands for each example, one row or several. */
  windowsOf(examples: Example[]): WindowRows;
}

/** Linear SVMs on all of the examples, with the C that was best on the lowest of their folds for those that had not learnt from it. */
export function fitProbe(examples: Example[], options: ProbeOptions): tf.LayersModel {
  const [fitted] = [
    ...svmsOf(examples, options.windowsOf(examples), { ...options, costs: [chooseCost(examples, options)] }),
  ];
  return (fitted as NonNullable<typeof fitted>).model;
}

/** One window of each sound does to choose by: of so many windows a part, so a C that much larger. */
function chooseCost(examples: Example[], { classes, costs, windowsOf }: ProbeOptions): number {
  const foldOf = ({ line }: Example) => line.clip.fold as number;
  const lowest = Math.min(...examples.map(foldOf));
  const learnt = examples.filter((one) => foldOf(one) !== lowest);
  const held = examples.filter((one) => foldOf(one) === lowest);
  const [all, heldWindows] = [windowsOf(learnt), windowsOf(held)];
  const times = all.rows.length / learnt.length;
  let best = { accuracy: -1, cost: costs[0] as number };
  for (const { cost, model } of svmsOf(learnt, thinned(all), { classes, costs: costs.map((cost) => cost * times) })) {
    const { accuracy } = judgeExamples(model, held, heldWindows);
    model.dispose();
    if (accuracy > best.accuracy) best = { accuracy, cost: cost / times };
  }
  return best.cost;
}

function svmsOf(
  examples: Example[],
  { rows, owners }: WindowRows,
  { classes, costs }: Omit<ProbeOptions, 'windowsOf'>,
) {
  const categories = owners.map((owner) => (examples[owner] as Example).category);
  return svmClassifiers(rows, { input: 'features', categories, classes, costs });
}

/** The middle window of each example. */
function thinned({ rows, owners }: WindowRows): WindowRows {
  const first = owners.map((owner, i) => (owner !== owners[i - 1] ? i : -1)).filter((i) => i >= 0);
  const kept = first.map((start, n) => Math.floor((start + (first[n + 1] ?? owners.length)) / 2));
  return { rows: kept.map((i) => rows[i] as Float32Array), owners: kept.map((i) => owners[i] as number) };
}
