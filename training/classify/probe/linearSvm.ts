import { tf } from '../../tensorflow/load.ts';

export interface LinearSvmOptions {
  /** Of each row, below `classes`. */
  categories: number[];
  classes: number;
  /** C: what a violated margin costs. */
  cost: number;
}

/** Steps are remembered so far back. */
const memory = 10;
const mostSteps = 300;
/** Of the first gradient's length: what is left of it at the end. */
const tolerance = 1e-4;

/**
 * One linear SVM a class against all others, with the objective of LIBLINEAR (and scikit-learn's `LinearSVC`): ½‖w‖² + C Σ max(0, 1 −
 * y·score)², the intercept being a weight like the others. All classes at once by L-BFGS (Nocedal & Wright 2006, algorithm 7.4), each
 * with its own line search: scores are linear along a direction, so a step takes two products with the rows and no more.
 *
 * @param rows `[N, D]`; the last column is 1, for the intercept.
 * @returns `[D, classes]`: a score is a row times its column.
 */
export function fitLinearSvm(rows: tf.Tensor2D, { categories, classes, cost }: LinearSvmOptions): tf.Tensor2D {
  const signs = tf.tidy(() => tf.sub<tf.Tensor2D>(tf.mul(tf.oneHot(tf.tensor1d(categories, 'int32'), classes), 2), 1));
  const gradientAt = (weights: tf.Tensor2D, margins: tf.Tensor2D) => {
    const push = tf.mul<tf.Tensor2D>(signs, tf.relu(margins));
    return tf.sub<tf.Tensor2D>(weights, tf.mul(tf.matMul(rows, push, true), 2 * cost));
  };

  let state = tf.tidy(() => {
    const weights = tf.zeros<tf.Rank.R2>([rows.shape[1], classes]);
    const margins = tf.ones<tf.Rank.R2>([rows.shape[0], classes]); // 1 − y·score
    return { weights, margins, gradient: gradientAt(weights, margins) };
  });
  const history: Change[] = [];
  const firstLength = longest(state.gradient);
  for (let step = 0; step < mostSteps && longest(state.gradient) > tolerance * firstLength; step++) {
    const { change, ...next } = tf.tidy(() => {
      const { weights, margins, gradient } = state;
      const direction = descent(gradient, history);
      const along = tf.mul<tf.Tensor2D>(signs, tf.matMul(rows, direction));
      const length = stepLength({ weights, margins, direction, along, cost });
      const taken = tf.mul<tf.Tensor2D>(direction, length);
      const moved = tf.add<tf.Tensor2D>(weights, taken);
      const left = tf.sub<tf.Tensor2D>(margins, tf.mul(along, length));
      const turned = gradientAt(moved, left);
      return {
        weights: moved,
        margins: left,
        gradient: turned,
        change: { taken, turn: tf.sub<tf.Tensor2D>(turned, gradient) },
      };
    });
    tf.dispose(state);
    state = next;
    history.push(change);
    if (history.length > memory) tf.dispose(Object.values(history.shift() as Change));
  }
  tf.dispose([signs, state.margins, state.gradient, ...history.flatMap(({ taken, turn }) => [taken, turn])]);
  return state.weights;
}

/** Of the weights, and with it of the gradient: `[D, classes]` each. */
interface Change {
  taken: tf.Tensor2D;
  turn: tf.Tensor2D;
}

/** Of every column by itself. @returns `[1, classes]` */
function dot(a: tf.Tensor, b: tf.Tensor): tf.Tensor2D {
  return tf.sum<tf.Tensor2D>(tf.mul(a, b), 0, true);
}

/** The two-loop recursion. A class that has arrived has changes of 0, which count for nothing. */
function descent(gradient: tf.Tensor2D, history: Change[]): tf.Tensor2D {
  let direction = gradient;
  const shares: tf.Tensor2D[] = [];
  for (const { taken, turn } of history.toReversed()) {
    const share = tf.divNoNan<tf.Tensor2D>(dot(taken, direction), dot(taken, turn));
    direction = tf.sub(direction, tf.mul(turn, share));
    shares.unshift(share);
  }
  const last = history.at(-1);
  if (last) direction = tf.mul(direction, tf.divNoNan(dot(last.taken, last.turn), dot(last.turn, last.turn)));
  for (const [i, { taken, turn }] of history.entries()) {
    const share = tf.divNoNan(dot(turn, direction), dot(taken, turn));
    direction = tf.add(direction, tf.mul(taken, tf.sub(shares[i] as tf.Tensor2D, share)));
  }
  return tf.neg(direction);
}

interface Line {
  weights: tf.Tensor2D;
  margins: tf.Tensor2D;
  direction: tf.Tensor2D;
  /** By which a step of 1 lessens the margins. */
  along: tf.Tensor2D;
  cost: number;
}

/** How far to go: Newton's method for the lowest point along the direction, where the objective is quadratic in pieces. `[1, classes]` */
function stepLength({ weights, margins, direction, along, cost }: Line): tf.Tensor2D {
  const [inward, square] = [dot(weights, direction), dot(direction, direction)];
  let length = tf.zerosLike(inward);
  for (let i = 0; i < 10; i++) {
    const violated = tf.relu(tf.sub(margins, tf.mul(along, length)));
    const slope = tf.sub(tf.add(inward, tf.mul(length, square)), tf.mul(dot(violated, along), 2 * cost));
    const isViolated = tf.cast(tf.greater(violated, 0), 'float32');
    const bend = tf.add(square, tf.mul(dot(isViolated, tf.square(along)), 2 * cost));
    length = tf.sub(length, tf.divNoNan(slope, bend));
  }
  return length;
}

/** Of the columns. */
function longest(matrix: tf.Tensor2D): number {
  return tf.tidy(() => tf.max(tf.norm(matrix, 2, 0)).dataSync()[0] as number);
}
