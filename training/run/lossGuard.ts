import { InputError } from '#core/errors.ts';

/** Watches over the losses of a run, in the order of their steps. */
export interface LossGuard {
  /** @throws {InputError} for a loss that is not finite, or has exploded: since when, and what to try. */
  check(step: number, loss: number): void;
  /**
   * For what a checkpoint would hold: a loss can be sound while the step after it already breaks the weights.
   *
   * @param moments of the optimizer, the mean of the gradients.
   * @throws {InputError} where one is not finite.
   */
  checkGradients(step: number, moments: Float32Array): void;
}

/** The settings that it suggests to change. */
export interface GuardedSettings {
  learningRate: number;
  warmup: number;
  weightDecay: { amount: number };
}

/**
 * A loss has exploded when three in a row are above ten times the run's first three, and above 20: a cross-entropy of 20 says that what
 * was right got a chance of e⁻²⁰. No run that learns comes there, wherever it begins, and one bad batch is not three.
 */
const explosion = { inARow: 3, times: 10, first: 3, least: 20 };

export function createLossGuard(settings: GuardedSettings): LossGuard {
  const firstLosses: number[] = [];
  let highInARow = 0;
  let before = '';

  return {
    check(step, loss) {
      if (firstLosses.length < explosion.first) firstLosses.push(loss);
      const isHigh = !(loss <= Math.max(explosion.least, explosion.times * Math.max(...firstLosses)));
      highInARow = isHigh ? highInARow + 1 : 0;
      if (!Number.isFinite(loss)) throw diverged(`is ${loss} at step ${step}`, before, settings);
      if (highInARow === explosion.inARow) throw diverged(`is up to ${format(loss)} at step ${step}`, before, settings);
      if (!isHigh) before = `; it was ${format(loss)} at step ${step}`;
    },
    checkGradients(step, moments) {
      if (moments.every(Number.isFinite)) return;
      throw diverged(`has gradients at step ${step} that are no finite numbers`, before, settings);
    },
  };
}

function diverged(what: string, before: string, { learningRate, warmup, weightDecay }: GuardedSettings): InputError {
  const lower = format(learningRate / 3);
  const suggestions = [
    `--set learningRate=${lower}  (a third of this run's)`,
    warmup < 0.1 && '--set warmup=0.1  (a longer climb to it)',
    weightDecay.amount === 0 && '--set weightDecay.amount=0.01  (keeps the weights small)',
  ].filter(Boolean);
  return new InputError(
    `The loss ${what}${before}. The steps were too large for the weights to follow, and resumed the run would come there again. ` +
      `Begin anew in another folder, with one of these or all:\n  ${suggestions.join('\n  ')}`,
  );
}

function format(value: number): string {
  return String(Number(value.toPrecision(2)));
}
