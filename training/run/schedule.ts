import { InputError } from '#core/errors.ts';

export interface Schedule {
  /** Highest. */
  learningRate: number;
  /** Share of the steps in which the rate climbs to it. */
  warmup: number;
  steps: number;
  schedule: 'cosine' | 'constant';
}

/** Linear warm-up; then half a cosine to zero, or the same rate to the end. @param step 1 … steps. */
export function learningRateAt(step: number, { learningRate, warmup, steps, schedule }: Schedule): number {
  const warmupSteps = Math.round(warmup * steps);
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (schedule === 'constant') return learningRate;
  return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - warmupSteps)) / (steps - warmupSteps)));
}

/** @returns whether something done every `interval` steps is due after this one. */
export function isDue(step: number, interval: number): boolean {
  return step % interval === 0;
}

/** @returns the steps of the run. @throws {InputError} where neither steps nor epochs are given. */
export function stepsOf(
  { steps, epochs }: { steps: number | null; epochs: number | null },
  stepsPerEpoch: number,
): number {
  if (steps !== null) return steps;
  if (epochs !== null) return Math.ceil(epochs * stepsPerEpoch);
  throw new InputError('Expected a number of steps or of epochs: --set steps=1000 or --set epochs=10.');
}
