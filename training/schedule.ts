/** Linear warm-up, then half a cosine to zero. @param step 1 … steps. */
export function learningRateAt(
  step: number,
  { learningRate, warmupSteps, steps }: { learningRate: number; warmupSteps: number; steps: number },
): number {
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  return (learningRate / 2) * (1 + Math.cos((Math.PI * (step - warmupSteps)) / (steps - warmupSteps)));
}

/** @returns whether something done every `interval` steps is due after this one. */
export function isDue(step: number, interval: number): boolean {
  return step % interval === 0;
}
