import { Random } from '#core/random.ts';

export interface ForestOptions {
  trees: number;
  classes: number;
  seed: number;
}

/** A leaf has probabilities, any other node a question: is the feature at most the threshold? Then left, else right. */
type Node = { probabilities: Float64Array } | { feature: number; threshold: number; left: Node; right: Node };

/**
 * Random forest (Breiman 2001) as scikit-learn has it: trees grown to the end on rows drawn with replacement, at each node the best
 * question (Gini) about √D features drawn anew; the answer is the mean of their probabilities. Of npm's packages that grow forests, the
 * one that is kept takes seconds a tree for a set of this size.
 *
 * @param rows `[D]` each. @param categories of each.
 * @returns probabilities `[classes]` of a row.
 */
export function growForest(
  rows: Float32Array[],
  categories: number[],
  { trees, classes, seed }: ForestOptions,
): (row: Float32Array) => Float32Array {
  const random = new Random(seed);
  const columns = sortColumns(rows, categories);
  const grown = Array.from({ length: trees }, () => {
    const drawn = Int32Array.from(rows, () => random.integer(rows.length));
    return grow(drawn, { rows, columns, categories, classes, random });
  });
  return (row) => {
    const sum = new Float32Array(classes);
    for (const tree of grown) {
      for (const [k, probability] of leafOf(tree, row).entries()) sum[k] = (sum[k] as number) + probability / trees;
    }
    return sum;
  };
}

/** The rows in the order of a feature, once and for all: a node sorts places, which are whole numbers, not values. */
interface SortedColumn {
  /** Of each row. */
  place: Int32Array;
  /** By place: what rises, and the class of whose it is. */
  values: Float32Array;
  classOf: Int32Array;
}

function sortColumns(rows: Float32Array[], categories: number[]): SortedColumn[] {
  return Array.from(rows[0] as Float32Array, (_, feature) => {
    const value = (i: number) => (rows[i] as Float32Array)[feature] as number;
    const order = Int32Array.from(rows.keys()).sort((a, b) => value(a) - value(b));
    const place = new Int32Array(rows.length);
    for (const [p, row] of order.entries()) place[row] = p;
    return {
      place,
      values: Float32Array.from(order, value),
      classOf: Int32Array.from(order, (row) => categories[row] as number),
    };
  });
}

interface GrowOptions {
  rows: Float32Array[];
  columns: SortedColumn[];
  categories: number[];
  classes: number;
  random: Random;
}

function grow(drawn: Int32Array, options: GrowOptions): Node {
  const { rows, categories, classes } = options;
  const counts = new Float64Array(classes);
  for (const i of drawn) counts[categories[i] as number] = (counts[categories[i] as number] as number) + 1;
  const isPure = counts.some((count) => count === drawn.length);
  const question = isPure ? null : bestQuestion(drawn, counts, options);
  if (!question) return { probabilities: counts.map((count) => count / drawn.length) };
  const isLeft = (i: number) => ((rows[i] as Float32Array)[question.feature] as number) <= question.threshold;
  return {
    ...question,
    left: grow(drawn.filter(isLeft), options),
    right: grow(
      drawn.filter((i) => !isLeft(i)),
      options,
    ),
  };
}

/** @returns null where the rows are all alike. */
function bestQuestion(
  drawn: Int32Array,
  counts: Float64Array,
  { columns, classes, random }: GrowOptions,
): { feature: number; threshold: number } | null {
  const features = columns.map((_, feature) => feature);
  const wanted = Math.max(1, Math.floor(Math.sqrt(features.length)));
  let best: { feature: number; threshold: number } | null = null;
  let most = Number.NEGATIVE_INFINITY;
  // A feature that does not differ asks nothing: then one more is looked at.
  for (let f = 0, asked = 0; f < features.length && asked < wanted; f++) {
    const drawnAt = f + random.integer(features.length - f); // Fisher–Yates, as far as it is needed
    const feature = features[drawnAt] as number;
    features[drawnAt] = features[f] as number;
    const { place, values, classOf } = columns[feature] as SortedColumn;
    const sorted = new Int32Array(drawn.length);
    for (let n = 0; n < drawn.length; n++) sorted[n] = place[drawn[n] as number] as number;
    sorted.sort();
    if (values[sorted[0] as number] === values[sorted.at(-1) as number]) continue;
    asked++;
    const left = new Float64Array(classes);
    const right = counts.slice();
    let [leftSquares, rightSquares] = [0, right.reduce((sum, count) => sum + count ** 2, 0)];
    for (let n = 1; n < sorted.length; n++) {
      const [before, after] = [sorted[n - 1] as number, sorted[n] as number];
      const category = classOf[before] as number;
      leftSquares += 2 * (left[category] as number) + 1;
      rightSquares -= 2 * (right[category] as number) - 1;
      left[category] = (left[category] as number) + 1;
      right[category] = (right[category] as number) - 1;
      const [here, next] = [values[before] as number, values[after] as number];
      const purity = leftSquares / n + rightSquares / (sorted.length - n); // the larger, the smaller the Gini impurity
      if (here < next && purity > most) {
        most = purity;
        const middle = (here + next) / 2;
        best = { feature, threshold: middle < next ? middle : here };
      }
    }
  }
  return best;
}

function leafOf(node: Node, row: Float32Array): Float64Array {
  if ('probabilities' in node) return node.probabilities;
  return leafOf((row[node.feature] as number) <= node.threshold ? node.left : node.right, row);
}
